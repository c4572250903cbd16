/** The ACKs of messages that are taken, by their form. */
import { type Ack, type AcknowledgmentCode, buildAck, owedCode } from './ack.ts';
import { type AckStamp, ackHeader, timestamp } from './ack-header.ts';
import { encodeAs } from './charset.ts';
import { escapeText } from './escape.ts';
import type { Message } from './message.ts';
import { nameCode, type Segment } from './segment.ts';

/** What `buildAck` gives for a message that is taken. `received` is the message as it was received. */
export type TakenAck = (message: Message, stamp: AckStamp, received: Uint8Array) => Ack | null;

/** An ACK without its time, its control id and that of its message, which stand between these parts and at the end. */
interface Form {
  readonly code: AcknowledgmentCode;
  readonly parts: readonly [string, string, string];
}

const msa = nameCode('MSA');
/** A feed has one or a few. */
const kept = 100;

/**
 * The headers of a sender's messages differ in their time (MSH-7) and control id (MSH-10) alone, and so do its ACKs: most are written into the form of an earlier one, in
 * three fifths of the time that it takes to build them.
 */
export function takenAcks(): TakenAck {
  const forms = new Map<string, Form | null>();

  function formOf(message: Message, header: Segment): Form | null {
    const key = `${message.charset}\r${header.fields(1, 6)}\r${header.fields(8, 9)}\r${header.fields(11, 20)}`;
    let form = forms.get(key);
    if (form === undefined) {
      form = isPlain(key) ? newForm(message) : null;
      if (forms.size === kept) forms.clear();
      forms.set(key, form);
    }
    return form;
  }

  return (message, stamp, received) => {
    const header = message.segments[0] as Segment;
    const controlId = header.field(10);
    const isUsual = isPlain(controlId) && !message.segments.some(({ code }) => code === msa);
    const form = isUsual ? formOf(message, header) : null;
    if (form === null) return buildAck(message, null, stamp, { received });
    const [before, between, behind] = form.parts;
    const own = escapeText(stamp.controlId, message.delimiters);
    const text = `${before}${timestamp(stamp.time)}${between}${own}${behind}${controlId}\r`;
    return { code: form.code, bytes: encodeAs(text, message.charset) };
  };
}

/** Null where the header asks for no ACK. */
function newForm(message: Message): Form | null {
  const code = owedCode(message, 'AA');
  if (code === null) return null;
  const { field } = message.delimiters;
  const msh = ackHeader(message, { time: new Date(0), controlId: '' }, ['', '']);
  const [before, between, behind] = [msh.slice(0, 6), msh.slice(7, 9), msh.slice(10)].map((fields) => fields.join(field));
  return {
    code,
    parts: [`${before}${field}`, `${field}${between}${field}`, `${field}${behind}\rMSA${field}${code}${field}`],
  };
}

/** Whether a text is echoed as it stands: it holds no control character, but for what a key has between its parts, and nothing that could not be decoded. */
function isPlain(text: string): boolean {
  return !/[^\P{Cc}\r]|\ufffd/u.test(text);
}
