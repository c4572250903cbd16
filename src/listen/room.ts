/** What a connection may hold whatever the others do: enough for the messages that most senders send. Bytes. */
export const ownRoom = 65_536;

/**
 * The memory that the connections of a listener share for what has come and is not answered yet: frames that have begun, and complete ones that wait. Each
 * has `ownRoom` of its own beside it, so that ordinary messages are taken also where others fill the rest. A sum, kept by differences.
 */
export class Room {
  readonly #most: number;
  readonly #own: number;
  #held = 0;

  /** @param most bytes that all together may hold beyond what each has of its own */
  constructor(most: number, own = ownRoom) {
    this.#most = most;
    this.#own = own;
  }

  /** Bytes that are held now beyond each connection's own. */
  get held(): number {
    return this.#held;
  }

  /** The part of one connection, which holds nothing yet. */
  share(): Share {
    let held = 0;
    return {
      set: (bytes) => {
        const now = Math.max(0, bytes - this.#own);
        const more = now - held;
        if (more === 0) return true;
        held = now;
        this.#held += more;
        return more < 0 || this.#held <= this.#most;
      },
    };
  }
}

export interface Share {
  /** Says how many bytes the connection holds now; 0 gives all back. False where it holds more than before and all together more than they may. */
  set(bytes: number): boolean;
}
