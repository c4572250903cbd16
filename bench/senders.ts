/** Sending systems: many connections, each with one message in flight, as real ones have. */
import { connect, type Socket } from 'node:net';
import { stepAside } from './aside.ts';
import { percentile } from './table.ts';

const nothing = Buffer.alloc(0);

export interface Lap {
  /** Messages acknowledged. */
  readonly count: number;
  readonly perSecond: number;
  /** Of the time from a message's turn to its ACK; milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** The next frame of a line, of those from 0 on. Its bytes may be written over when that line has its answer. */
export type NextFrame = (line: number) => Uint8Array;

export interface Senders {
  /** As fast as the ACKs come, until `count` messages or `seconds` are over. */
  flood(next: NextFrame, limit: { readonly count?: number; readonly seconds: number }): Promise<Lap>;
  /** So many a second, on whichever connection is free. A message that finds none waits, and its waiting counts. */
  pace(next: NextFrame, perSecond: number, seconds: number): Promise<Lap>;
  close(): Promise<void>;
}

/** Connects, and steps aside until it is closed; rejects where nobody listens. Anything but a positive ACK rejects the lap. */
export async function openSenders(port: number, connections: number): Promise<Senders> {
  const lines = await Promise.all(Array.from({ length: connections }, () => Line.open(port)));
  const comeBack = stepAside();
  return {
    flood: (next, { count = Number.POSITIVE_INFINITY, seconds }) =>
      new Promise((done, failed) => {
        const times: number[] = [];
        const begun = performance.now();
        const end = begun + seconds * 1_000;
        let [sent, open] = [0, lines.length];
        const goOn = (line: Line, at: number, asked: number): void => {
          if (sent < count && asked < end) {
            sent++;
            line.send(next(at), (error) => {
              if (error !== null) return failed(error);
              const answered = performance.now();
              times.push(answered - asked);
              goOn(line, at, answered);
            });
          } else if (--open === 0) done(lap(times, asked - begun));
        };
        for (const [at, line] of lines.entries()) goOn(line, at, begun);
      }),
    pace: (next, perSecond, seconds) =>
      new Promise((done, failed) => {
        const times: number[] = [];
        const free = lines.map((_, at) => at);
        const due: number[] = [];
        const begun = performance.now();
        const all = perSecond * seconds;
        let turn = 0;
        const work = (): void => {
          while (due.length > 0 && free.length > 0) {
            const [at, since] = [free.pop() as number, due.shift() as number];
            (lines[at] as Line).send(next(at), (error) => {
              if (error !== null) return failed(error);
              times.push(performance.now() - since);
              free.push(at);
              if (times.length === all) done(lap(times, performance.now() - begun));
              else work();
            });
          }
        };
        const clock = setInterval(() => {
          const now = performance.now();
          for (; turn < all && begun + (turn * 1_000) / perSecond <= now; turn++) due.push(begun + (turn * 1_000) / perSecond);
          if (turn === all) clearInterval(clock);
          work();
        }, 1);
      }),
    async close() {
      for (const line of lines) line.close();
      comeBack?.();
    },
  };
}

function lap(times: readonly number[], milliseconds: number): Lap {
  return {
    count: times.length,
    perSecond: (times.length / milliseconds) * 1_000,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

/** Told that the ACK is there, or why it is not. */
type Answered = (error: Error | null) => void;

const positive = Buffer.from('\rMSA|AA|');

/** One connection. It takes no more of the machine than it must, to leave it to what is measured: it keeps nothing, and looks into an ACK no further than MSA-1. */
class Line {
  readonly #socket: Socket;
  #answer = nothing;
  #answered: Answered | null = null;

  private constructor(port: number) {
    // One buffer for all that is read: no stream, and no memory for each answer.
    const onread = { buffer: Buffer.alloc(65_536), callback: (size: number, bytes: Uint8Array) => this.#read(bytes, size) };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#answered?.(new Error('the engine closed a connection')));
  }

  static open(port: number): Promise<Line> {
    const line = new Line(port);
    return new Promise((resolve, reject) => {
      line.#socket.once('error', reject);
      line.#socket.once('connect', () => resolve(line));
    });
  }

  #read(bytes: Uint8Array, size: number): true {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset, size);
    const answer = this.#answer.length === 0 ? part : Buffer.concat([this.#answer, part]);
    if (answer[answer.length - 2] !== 0x1c) {
      this.#answer = Buffer.from(answer);
      return true;
    }
    this.#answer = nothing;
    this.#answered?.(answer.includes(positive) ? null : new Error('the engine answered something else than AA'));
    return true;
  }

  send(frame: Uint8Array, answered: Answered): void {
    this.#answered = answered;
    this.#socket.write(frame);
  }

  close(): void {
    this.#answered = null;
    this.#socket.destroy();
  }
}
