/** The messages of files, routed and mapped one after the other: what the commands that read trace and ledger begin with. */

import { messagesFor, type TakenMessage } from '../engine/onward.ts';
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
  /** Null where the message was filtered, is passed on unmapped, or could not be mapped. */
  readonly result: MapResult | null;
  /** The message as each destination that takes messages is to get it; empty without a channel. */
  readonly messages: readonly TakenMessage[];
  /** Why nothing came of it. */
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
      case 'pass':
        return { ...headOf(source, message), mapping: null, message, result: null, ...takersOf(message, plan, routed.route) };
      case 'map': {
        const { mapping } = routed;
        const result = plan.mapper.map(mapping, message, { receivedAt: new Date() });
        return { ...headOf(source, message), mapping, message, result, ...takersOf(message, plan, routed.route) };
      }
    }
  } catch (error) {
    const code = error instanceof WeirError ? error.code : 'map-failed';
    return failed(source, message, { code, text: errorEntry(code).text });
  }
}

/** What each destination that takes messages gets; the first edit that cannot be done is the error. */
function takersOf(message: Message, plan: Plan, route: number | undefined): Pick<MappedMessage, 'messages' | 'error'> {
  const onward = route === undefined ? undefined : plan.onward[route];
  const messages = onward === undefined ? [] : messagesFor(message, onward);
  const fault = messages.find((one) => one.fault !== null)?.fault ?? null;
  return { messages, error: fault && { code: fault.code, text: fault.text } };
}

function failed(source: string, message: Message | null, error: LineError): MappedMessage {
  return { ...headOf(source, message), mapping: null, message, result: null, messages: [], error };
}

function headOf(source: string, message: Message | null): Pick<MappedMessage, 'source' | 'type' | 'controlId'> {
  if (message === null) return { source, type: '', controlId: '' };
  const { type, event, controlId } = message;
  return { source, type: event === '' ? type : `${type}^${event}`, controlId };
}
