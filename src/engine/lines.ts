/** The connections on which the senders of a channel can be reached. */
import type { Line } from '../listen/listener.ts';

/** Messages whose own connection is remembered at most; behind that, any connection of their sender will do. */
const REMEMBERED = 10_000;

export class Lines {
  /** By sender, MSH-3^MSH-4, the connections on which it spoke, the last one last, and whether its messages were taken there. */
  readonly #bySender = new Map<string, Map<Line, boolean>>();
  readonly #byMessage = new Map<string, Line>();

  /**
   * A sender that waits for an application ACK spoke on a connection. True where it did not before. Whoever is refused (a certificate of another,
   * for instance) gets the answers to its own messages and no others.
   */
  spoke(sender: string, line: Line, accepted: boolean): boolean {
    const lines = this.#bySender.get(sender) ?? new Map<Line, boolean>();
    const before = lines.get(line);
    lines.delete(line);
    this.#bySender.set(sender, lines.set(line, accepted || before === true));
    return before === undefined || (accepted && !before);
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
      for (const line of lines.keys()) if (!line.open) lines.delete(line);
      if (lines.size === 0) this.#bySender.delete(sender);
    }
    return [...this.#bySender.keys()];
  }

  /** The connection of a message while it is open, else another of its sender; undefined where there is none. */
  find(id: string, sender: string): Line | undefined {
    const own = this.#byMessage.get(id);
    if (own?.open) return own;
    const others = [...(this.#bySender.get(sender) ?? [])];
    return others.findLast(([line, accepted]) => accepted && line.open)?.[0];
  }
}
