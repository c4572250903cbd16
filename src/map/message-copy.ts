/** What a Provenance keeps of the message itself (setting `message-copy`): its text, or a URL at which it is found. */
import type { Message } from '../hl7/message.ts';

/** A field of the MSH in the braces of a URL: `{MSH-10}`, `{MSH-4.1}`. No other segment's, as URLs are written into logs. */
export const messageField = /\{(MSH-\d+(?:\.\d+){0,2})\}/g;

/** The message as base64 of its UTF-8 text; undefined where the channel keeps none in the bundle. */
export function messageData(message: Message, copy: string): string | undefined {
  return copy === 'data' ? Buffer.from(message.text, 'utf8').toString('base64') : undefined;
}

/** The URL of the message; undefined where the channel names none, or where a field in it is empty. */
export function messageUrl(message: Message, copy: string): string | undefined {
  if (copy === 'none' || copy === 'data') return undefined;
  let whole = true;
  const url = copy.replace(messageField, (_, path: string) => {
    const value = message.get(path) ?? '';
    if (value === '') whole = false;
    return encodeURIComponent(value);
  });
  return whole ? url : undefined;
}
