/**
 * MLLP release 1 framing (HL7 implementation guide, transport specification): 0x0B, the message, 0x1C 0x0D. Pure: bytes in, events out.
 */

const startBlock = 0x0b;
const endBlock = 0x1c;
const carriageReturn = 0x0d;

/** Why bytes were no frame. */
export type TroubleKind =
  /** Bytes between frames. Line ends and white space there are passed over. */
  | 'junk'
  /** A new frame began inside one: the end block of the former is missing. */
  | 'no-end'
  /** More than `maxFrame` bytes; nothing more is read. */
  | 'too-large'
  /** Whoever reads has no room for more of it (`refuse`); nothing more is read. */
  | 'no-room'
  /** The connection ended inside a frame. */
  | 'cut-off';

export type MllpEvent =
  /** A complete frame. The bytes may be a part of the chunk that brought them. */
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  /** The first bytes of what was no frame (`kept` at most), and how many there were. */
  | { readonly kind: 'trouble'; readonly trouble: TroubleKind; readonly bytes: Uint8Array; readonly size: number };

/** How much of junk, or of a frame that is too large, is kept to be shown. Junk ends there: what follows so much of it is no frame either. */
const shown = 65_536;
/** A buffer that has grown beyond this is given back after its frame. */
const keptBuffer = 65_536;

/**
 * Cuts a stream of bytes into frames, however it is fragmented. The end of a frame is 0x1C 0x0D; a 0x1C that something else follows ends
 * it too only where that is a new start block (some senders leave out the 0x0D), else it is part of the message.
 *
 * Memory is bounded by twice `maxFrame` plus one chunk. After `too-large`, `refuse` and 64 KiB of junk the decoder takes no more: there is no
 * way to find the next frame that would not read on without end.
 */
export class MllpDecoder {
  readonly #maxFrame: number;
  #buffer = new Uint8Array(0);
  #size = 0;
  #state: 'between' | 'inside' | 'ending' | 'broken' = 'between';
  #junk = new Uint8Array(0);
  #junkSize = 0;
  /** Whether what stands between the frames is more than white space. */
  #junkMatters = false;

  constructor(maxFrame: number) {
    this.#maxFrame = maxFrame;
  }

  /** Whether it takes no more. */
  get broken(): boolean {
    return this.#state === 'broken';
  }

  /** Whether a frame has begun and not ended. */
  get inFrame(): boolean {
    return this.#state === 'inside' || this.#state === 'ending';
  }

  /** Whether something has begun, a frame or junk, and not ended. */
  get unfinished(): boolean {
    return this.inFrame || this.#junkMatters;
  }

  /** Whether only the 0x0D of the end block is missing. */
  get ending(): boolean {
    return this.#state === 'ending';
  }

  /** Bytes of memory that it keeps. */
  get held(): number {
    return this.#buffer.length + this.#junk.length;
  }

  /** Takes a chunk and gives what it completes, in order. Frames may be parts of the chunk, which is not to be written to afterwards. */
  push(chunk: Uint8Array): MllpEvent[] {
    const events: MllpEvent[] = [];
    let at = 0;
    while (at < chunk.length && this.#state !== 'broken') {
      if (this.#state === 'between') at = this.#between(chunk, at, events);
      else if (this.#state === 'ending') at = this.#ending(chunk, at, events);
      else at = this.#inside(chunk, at, events);
    }
    return events;
  }

  /** Nothing has come for a while: a sender that leaves out the 0x0D waits for its answer. */
  pause(): MllpEvent[] {
    if (this.#state !== 'ending') return [];
    this.#state = 'between';
    return [{ kind: 'frame', bytes: this.#take() }];
  }

  /** The stream has ended: what is left over is trouble. A frame whose last 0x0D alone is missing is complete. */
  end(): MllpEvent[] {
    const events = this.pause();
    this.#flushJunk(events);
    if (this.#state === 'inside') events.push(this.#trouble('cut-off'));
    this.#give();
    return events;
  }

  /** Takes no more, for want of room: what has begun is given up. */
  refuse(): MllpEvent[] {
    const size = this.#size + this.#junkSize;
    const bytes = (this.#size > 0 ? this.#buffer.subarray(0, this.#size) : this.#junk).slice(0, shown);
    this.#give();
    return [{ kind: 'trouble', trouble: 'no-room', bytes, size }];
  }

  /** Ends here, and keeps nothing. */
  #give(): void {
    this.#state = 'broken';
    this.#buffer = new Uint8Array(0);
    this.#size = 0;
    this.#junk = new Uint8Array(0);
    this.#junkSize = 0;
    this.#junkMatters = false;
  }

  #between(chunk: Uint8Array, from: number, events: MllpEvent[]): number {
    // Most frames begin where the one before them ended.
    if (chunk[from] === startBlock && !this.#junkMatters) {
      this.#state = 'inside';
      return from + 1;
    }
    const start = chunk.indexOf(startBlock, from);
    const end = start < 0 ? chunk.length : start;
    // White space before it is no part of it.
    const begin = this.#junkMatters ? from : from + firstOf(chunk.subarray(from, end));
    if (begin < end) this.#keepJunk(chunk.subarray(begin, end));
    if (this.#junkSize > shown) {
      this.#flushJunk(events);
      this.#state = 'broken';
      return chunk.length;
    }
    if (start < 0) return end;
    this.#flushJunk(events);
    this.#state = 'inside';
    return start + 1;
  }

  #inside(chunk: Uint8Array, from: number, events: MllpEvent[]): number {
    const end = endOf(chunk, from);
    if (this.#size === 0 && end - from <= this.#maxFrame && chunk[end] === endBlock && chunk[end + 1] === carriageReturn) {
      events.push({ kind: 'frame', bytes: chunk.subarray(from, end) });
      this.#state = 'between';
      return end + 2;
    }
    if (!this.#keep(chunk, from, end, events) || end === chunk.length) return end;
    if (chunk[end] === endBlock) this.#state = 'ending';
    else events.push(this.#trouble('no-end'));
    return end + 1;
  }

  /** Behind a 0x1C. */
  #ending(chunk: Uint8Array, at: number, events: MllpEvent[]): number {
    const byte = chunk[at];
    if (byte === carriageReturn || byte === startBlock) {
      events.push({ kind: 'frame', bytes: this.#take() });
      this.#state = byte === startBlock ? 'inside' : 'between';
      return at + 1;
    }
    this.#state = 'inside';
    this.#keep(endBlockBytes, 0, 1, events);
    return at;
  }

  /** Adds to the frame; false where that makes it too large. */
  #keep(chunk: Uint8Array, from: number, end: number, events: MllpEvent[]): boolean {
    const size = Math.min(this.#size + end - from, this.#maxFrame);
    this.#buffer = grown(this.#buffer, this.#size, size, this.#maxFrame);
    this.#buffer.set(chunk.subarray(from, from + size - this.#size), this.#size);
    const fits = this.#size + end - from <= this.#maxFrame;
    this.#size = size;
    if (fits) return true;
    events.push({ kind: 'trouble', trouble: 'too-large', bytes: this.#take().slice(0, shown), size: this.#maxFrame + 1 });
    this.#state = 'broken';
    return false;
  }

  #take(): Uint8Array {
    const bytes = this.#buffer.slice(0, this.#size);
    this.#size = 0;
    if (this.#buffer.length > keptBuffer) this.#buffer = new Uint8Array(0);
    return bytes;
  }

  #trouble(trouble: TroubleKind): MllpEvent {
    const size = this.#size;
    return { kind: 'trouble', trouble, bytes: this.#take(), size };
  }

  /** One byte more than is shown is counted, and then no more. */
  #keepJunk(piece: Uint8Array): void {
    const size = Math.min(this.#junkSize + piece.length, shown);
    this.#junk = grown(this.#junk, this.#junkSize, size, shown);
    this.#junk.set(piece.subarray(0, size - this.#junkSize), this.#junkSize);
    this.#junkSize = Math.min(this.#junkSize + piece.length, shown + 1);
    this.#junkMatters = true;
  }

  #flushJunk(events: MllpEvent[]): void {
    if (this.#junkMatters)
      events.push({ kind: 'trouble', trouble: 'junk', bytes: this.#junk.slice(0, this.#junkSize), size: this.#junkSize });
    this.#junk = new Uint8Array(0);
    this.#junkSize = 0;
    this.#junkMatters = false;
  }
}

/** The place of the next byte of a frame's own; the length where there is none. */
function endOf(chunk: Uint8Array, from: number): number {
  const end = chunk.indexOf(endBlock, from);
  const start = chunk.subarray(from, end < 0 ? chunk.length : end).indexOf(startBlock);
  if (start >= 0) return from + start;
  return end < 0 ? chunk.length : end;
}

/** The place of the first byte that is more than white space; the length where there is none. */
function firstOf(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte > 32);
  return at < 0 ? bytes.length : at;
}

/** A buffer with room for `size` bytes, the first `used` of them kept; it doubles, so that bytes that come one by one are not copied each time. */
function grown(buffer: Uint8Array<ArrayBuffer>, used: number, size: number, most: number): Uint8Array<ArrayBuffer> {
  if (size <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.min(Math.max(size, buffer.length * 2), most));
  larger.set(buffer.subarray(0, used));
  return larger;
}

const endBlockBytes = Uint8Array.of(endBlock);

/** A message in its frame. */
export function encodeFrame(bytes: Uint8Array): Uint8Array {
  // Of the pool: memory of its own costs a short answer more than all else.
  const frame = Buffer.allocUnsafe(bytes.length + 3);
  frame[0] = startBlock;
  frame.set(bytes, 1);
  frame[bytes.length + 1] = endBlock;
  frame[bytes.length + 2] = carriageReturn;
  return frame;
}
