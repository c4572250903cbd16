/** Sending systems: many connections, each with one message in flight, as real ones have. */
import { connect, type Socket } from 'node:net';
import { percentile } from './table.ts';

export interface Lap {
  /** Messages acknowledged. */
  readonly count: number;
  readonly perSecond: number;
  /** Of the time from a message's turn to its ACK; milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Senders {
  /** As fast as the ACKs come, until `count` messages or `seconds` are over. */
  flood(next: () => string, limit: { readonly count?: number; readonly seconds: number }): Promise<Lap>;
  /** So many a second, on whichever connection is free. A message that finds none waits, and its waiting counts. */
  pace(next: () => string, perSecond: number, seconds: number): Promise<Lap>;
  close(): Promise<void>;
}

/** Connects; rejects where nobody listens. Anything but a positive ACK rejects the lap. */
export async function openSenders(port: number, connections: number): Promise<Senders> {
  const lines = await Promise.all(Array.from({ length: connections }, () => Line.open(port)));
  return {
    async flood(next, { count = Number.POSITIVE_INFINITY, seconds }) {
      const times: number[] = [];
      const begun = performance.now();
      let sent = 0;
      const goOn = () => sent < count && performance.now() - begun < seconds * 1_000;
      await Promise.all(
        lines.map(async (line) => {
          while (goOn()) {
            sent++;
            const asked = performance.now();
            await line.send(next());
            times.push(performance.now() - asked);
          }
        }),
      );
      return lap(times, performance.now() - begun);
    },
    async pace(next, perSecond, seconds) {
      const times: number[] = [];
      const free = [...lines];
      const due: number[] = [];
      const running = new Set<Promise<void>>();
      const work = (): void => {
        while (due.length > 0 && free.length > 0) {
          const [line, since] = [free.pop() as Line, due.shift() as number];
          const one = line.send(next()).then(() => {
            times.push(performance.now() - since);
            running.delete(one);
            free.push(line);
            work();
          });
          running.add(one);
        }
      };
      const begun = performance.now();
      for (let turn = 0; turn < perSecond * seconds; ) {
        const at = begun + (turn * 1_000) / perSecond;
        if (performance.now() < at) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        due.push(at);
        turn++;
        work();
      }
      while (running.size > 0 || due.length > 0) await Promise.race(running);
      return lap(times, performance.now() - begun);
    },
    async close() {
      for (const line of lines) line.close();
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

/** One connection. It looks no further into an ACK than it must, to leave the machine to what is measured. */
class Line {
  readonly #socket: Socket;
  #answer = '';
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null;

  private constructor(port: number) {
    // One buffer for all that is read: no stream, and no memory for each answer.
    const onread = { buffer: Buffer.alloc(65_536), callback: (size: number, bytes: Uint8Array) => this.#read(bytes, size) };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the engine closed a connection')));
  }

  static open(port: number): Promise<Line> {
    const line = new Line(port);
    return new Promise((resolve, reject) => {
      line.#socket.once('error', reject);
      line.#socket.once('connect', () => resolve(line));
    });
  }

  #read(bytes: Uint8Array, size: number): true {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset, size).toString('latin1');
    this.#answer += part;
    if (!part.endsWith('\x1c\r')) return true;
    if (this.#answer.includes('\rMSA|AA|')) this.#waiting?.resolve();
    else this.#waiting?.reject(new Error('the engine answered something else than AA'));
    this.#answer = '';
    return true;
  }

  send(message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`\x0b${message}\x1c\r`, 'latin1');
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }
}
