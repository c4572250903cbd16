/** The messages of files, routed and mapped one after the other: what the commands that read trace and ledger begin with. */
import { type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import { splitMessages } from '../hl7/batch.ts';
import { Message } from '../hl7/message.ts';
import type { MapResult } from '../map/types.ts';
import { readInput } from './input.ts';
import type { Plan } from './plan.ts';

export interface LineError {
  readonly code: ErrorCode | 'filtered';
  readonly text: string;
}

export interface MappedMessage {
  /** `FILE#N`, N from 1. */
  readonly source: string;
  /** `ADT^A01`; empty where the bytes are no message. */
  readonly type: string;
  readonly controlId: string;
  readonly mapping: string | null;
  readonly message: Message | null;
  /** Null where the message was filtered, or could not be mapped. */
  readonly result: MapResult | null;
  /** Why there is no result. */
  readonly error: LineError | null;
}

/**
 * Maps every message of the files. One that fails is given with its error and makes the exit code 1; one that a route filters is not a
 * failure. A file that cannot be read makes it 2.
 */
export async function* mapMessages(files: readonly string[], plan: Plan): AsyncGenerator<MappedMessage> {
  for (const file of files) {
    const bytes = await readInput(file);
    if (bytes === null) continue;
    const { messages, junk } = splitMessages(bytes);
    // A file without a message is one that fails: it must not pass for one that is done.
    const parts = messages.length > 0 ? messages : [junk ?? bytes];
    for (const [index, raw] of parts.entries()) {
      const mapped = mapOne(`${file}#${index + 1}`, raw, plan);
      if (mapped.error !== null && mapped.error.code !== 'filtered') process.exitCode = process.exitCode === 2 ? 2 : 1;
      yield mapped;
    }
  }
}

/** Never throws: what goes wrong with a message is its error. */
function mapOne(source: string, raw: Uint8Array, plan: Plan): MappedMessage {
  let message: Message | null = null;
  try {
    message = Message.parse(raw, { charset: plan.charset });
    const routed = plan.route(message);
    switch (routed.kind) {
      case 'none':
        return failed(source, message, { code: 'route-none', text: errorEntry('route-none').text });
      case 'filter':
        return failed(source, message, { code: 'filtered', text: routed.reason });
      case 'map': {
        const { mapping } = routed;
        const result = plan.mapper.map(mapping, message, { receivedAt: new Date() });
        return { ...headOf(source, message), mapping, message, result, error: null };
      }
    }
  } catch (error) {
    const code = error instanceof WeirError ? error.code : 'map-failed';
    return failed(source, message, { code, text: errorEntry(code).text });
  }
}

function failed(source: string, message: Message | null, error: LineError): MappedMessage {
  return { ...headOf(source, message), mapping: null, message, result: null, error };
}

function headOf(source: string, message: Message | null): Pick<MappedMessage, 'source' | 'type' | 'controlId'> {
  if (message === null) return { source, type: '', controlId: '' };
  const { type, event, controlId } = message;
  return { source, type: event === '' ? type : `${type}^${event}`, controlId };
}
