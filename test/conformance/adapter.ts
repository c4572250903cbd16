/** One implementation of HL7 v2 behind the questions of the suite. A question that it has no function for it leaves out. */
import type { Case, Question } from './case.ts';

type Read = (bytes: Uint8Array) => unknown;

export interface Adapter {
  readonly name: string;
  readonly get?: (bytes: Uint8Array, path: string) => string | null;
  readonly all?: (bytes: Uint8Array, path: string) => string[];
  readonly segments?: (bytes: Uint8Array) => string[];
  /** Reads, and writes again. */
  readonly write?: (bytes: Uint8Array) => Uint8Array;
  /** Reads; throws what it throws for bytes that are no message. */
  readonly parse: Read;
  readonly messages?: (bytes: Uint8Array) => number;
  readonly batch?: (bytes: Uint8Array, what: 'answer' | 'issues') => string[];
  /** The ACK, as bytes; null where none is owed; undefined where it leaves that to whoever calls it. */
  readonly ack?: (bytes: Uint8Array, verdict: 'taken' | 'refused') => Uint8Array | null | undefined;
  readonly set?: (bytes: Uint8Array, path: string, value: string) => string;
  /** Each frame as text, and `(kind)` for what was none. */
  readonly frames?: (chunks: readonly Uint8Array[]) => string[];
  readonly date?: (text: string, as: 'date' | 'dateTime' | 'time') => string;
  /** Names of the segments of each occurrence of a group, those below it too. */
  readonly group?: (bytes: Uint8Array, name: string) => string[];
  /** `PID-3 101` of each error. */
  readonly check?: (bytes: Uint8Array) => string[];
}

/** `none`: it has no such function. */
export type Verdict = 'right' | 'wrong' | 'none';

const encoder = new TextEncoder();
/** Faults of a program, as against an answer that the input is bad. */
const faults = [TypeError, RangeError, ReferenceError, SyntaxError];

/** What an adapter answers; undefined where it has no function for the question. Throws what it throws. */
export function answerOf(adapter: Adapter, { input, ask }: Pick<Case, 'input' | 'ask'>, reader: Adapter = adapter): unknown {
  const bytes = typeof input === 'string' ? encoder.encode(input) : input;
  return new Asked(adapter, bytes, reader).answer(ask);
}

class Asked {
  readonly #adapter: Adapter;
  readonly #bytes: Uint8Array;
  /** What an ACK is read with. */
  readonly #reader: Adapter;

  constructor(adapter: Adapter, bytes: Uint8Array, reader: Adapter) {
    this.#adapter = adapter;
    this.#bytes = bytes;
    this.#reader = reader;
  }

  answer(ask: Question): unknown {
    const adapter = this.#adapter;
    const bytes = this.#bytes;
    if ('get' in ask) return adapter.get?.(bytes, ask.get);
    if ('all' in ask) return adapter.all?.(bytes, ask.all);
    if ('segments' in ask) return adapter.segments?.(bytes);
    if ('same' in ask) return adapter.write && Buffer.compare(adapter.write(bytes), bytes) === 0;
    if ('refused' in ask) return isRefused(adapter.parse, bytes);
    if ('messages' in ask) return adapter.messages?.(bytes);
    if ('batch' in ask) return adapter.batch?.(bytes, ask.batch);
    if ('ack' in ask) return this.#ack(ask.ack, ask.read);
    if ('set' in ask) return adapter.set?.(bytes, ...ask.set);
    if ('frames' in ask) return adapter.frames?.(ask.frames.map((chunk) => Buffer.from(chunk, 'latin1')));
    if ('date' in ask) return adapter.date?.(new TextDecoder().decode(bytes), ask.date);
    if ('group' in ask) return adapter.group?.(bytes, ask.group);
    return adapter.check?.(bytes);
  }

  #ack(verdict: 'taken' | 'refused', paths: readonly string[]): unknown {
    if (!this.#adapter.ack) return undefined;
    const ack = this.#adapter.ack(this.#bytes, verdict);
    return ack && paths.map((path) => this.#reader.get?.(ack, path) ?? null);
  }
}

function isRefused(parse: Read, bytes: Uint8Array): boolean {
  try {
    parse(bytes);
    return false;
  } catch (error) {
    if (faults.some((fault) => error instanceof fault)) throw error;
    return true;
  }
}
