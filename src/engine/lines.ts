/** The connections on which the senders of a channel can be reached. */
import type { Line } from '../listen/listener.ts';

/** Messages whose own connection is remembered at most; behind that, any connection of their sender will do. */
const REMEMBERED = 10_000;

export class Lines {
  /** By sender, MSH-3^MSH-4; the connection on which it spoke last is the last. */
  readonly #bySender = new Map<string, Set<Line>>();
  readonly #byMessage = new Map<string, Line>();

  /** A sender that waits for an application ACK spoke on a connection. True where it did not before. */
  spoke(sender: string, line: Line): boolean {
    const lines = this.#bySender.get(sender) ?? new Set();
    const known = lines.delete(line);
    this.#bySender.set(sender, lines.add(line));
    return !known;
  }

  /** The message came on this connection. */
  remember(id: string, line: Line): void {
    this.#byMessage.set(id, line);
    if (this.#byMessage.size <= REMEMBERED) return;
    const [oldest] = this.#byMessage.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  /** The message is answered. */
  forget(id: string): void {
    this.#byMessage.delete(id);
  }

  /** The senders that can be reached now. */
  senders(): string[] {
    for (const [sender, lines] of this.#bySender) {
      for (const line of lines) if (!line.open) lines.delete(line);
      if (lines.size === 0) this.#bySender.delete(sender);
    }
    return [...this.#bySender.keys()];
  }

  /** The connection of a message while it is open, else another of its sender; undefined where there is none. */
  find(id: string, sender: string): Line | undefined {
    const own = this.#byMessage.get(id);
    if (own?.open) return own;
    return [...(this.#bySender.get(sender) ?? [])].findLast((line) => line.open);
  }
}
