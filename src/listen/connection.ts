import type { Socket } from 'node:net';
import { encodeFrame, MllpDecoder, type MllpEvent } from '../hl7/mllp.ts';
import type { PeerCertificate } from '../tls.ts';
import type { Share } from './room.ts';
import type { Answer, Line, ListenerOptions, ListenTrouble } from './types.ts';

const defaultUnanswered = 64;
const defaultUnansweredBytes = 8 * 1024 * 1024;
/** How long a frame waits for the 0x0D of its end block; some senders leave it out and wait for their answer. */
const endPause = 300;
/** How long a connection that we end may take to end on the other side. Closing at once would reset it, and a reset can overtake the last answers. */
const linger = 500;
const nothing = new Uint8Array(0);

/** A frame that is accepted and not answered yet. `answer` is `failed` where the message could not be taken. */
interface Slot {
  readonly size: number;
  answer: Answer | 'failed' | null;
}

/** What a connection is beside its socket. */
export interface Sender {
  /** `10.1.2.3:40112` */
  readonly peer: string;
  /** What it has shown of itself, verified. */
  readonly certificate: PeerCertificate | null;
  /** Its part of the listener's memory. */
  readonly share: Share;
}

/**
 * One sender. Frames are handed on as they complete; answers leave in the order of the frames. A frame holds its slot until its answer
 * has left the process, so that a sender that does not read its answers is not read either.
 */
export class Connection implements Line {
  /** Resolves when the connection is closed. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #options: ListenerOptions;
  readonly #sender: Sender;
  /** Whether anything has come yet. */
  #silent = true;
  readonly #decoder: MllpDecoder;
  /** Events that wait for a slot. Bounded: they come from one chunk, and the socket is paused. */
  #backlog: MllpEvent[] = [];
  #backlogBytes = 0;
  readonly #slots: Slot[] = [];
  /** Slots and bytes that are held, those whose answer is being written included. */
  #held = 0;
  #heldBytes = 0;
  /** `open`: reads frames. `ending`: takes no more, lets answers leave. `ended`: has said goodbye. `closed`: gone. */
  #state: 'open' | 'ending' | 'ended' | 'closed' = 'open';
  #frameTimer: NodeJS.Timeout | null = null;
  #pauseTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
  /** When something last came or left; milliseconds of `performance.now()`. */
  #active = 0;
  #lingerTimer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, options: ListenerOptions, sender: Sender) {
    this.#socket = socket;
    this.#options = options;
    this.#sender = sender;
    this.#decoder = new MllpDecoder(options.maxFrame);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#peerEnded());
    // A reset is told by 'close'; without a listener it would end the process.
    socket.on('error', () => {});
    this.gone = new Promise((resolve) => {
      socket.on('close', () => {
        this.#closed();
        resolve();
      });
    });
    this.#watchIdle();
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  offer(answer: Answer): boolean {
    if (this.#state !== 'open' || answer.bytes === null || !this.#hasSlot()) return false;
    this.#hold({ size: answer.bytes.length, answer });
    this.#settle();
    return true;
  }

  /** Takes no more frames; closes when the answers of the accepted ones have left. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#end();
    this.#settle();
  }

  /** Takes no more, and lets go of what has not ended or was not handed on. */
  #end(): void {
    this.#state = 'ending';
    this.#forget();
    this.#stopTimers();
  }

  #forget(): void {
    this.#backlog = [];
    this.#backlogBytes = 0;
    this.#decoder.end();
    this.#count();
  }

  /** Tells what it holds; false where that has become too much. */
  #count(): boolean {
    return this.#sender.share.set(this.#decoder.held + this.#backlogBytes + this.#heldBytes);
  }

  /** Closes at once. */
  cut(): void {
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    // Read on, and forget, while ending: unread bytes would make our goodbye a reset.
    if (this.#state !== 'open') return;
    if (this.#silent && this.#refusesTls(chunk)) return;
    this.#silent = false;
    const began = this.#decoder.unfinished;
    const events = this.#decoder.push(chunk);
    if (!this.#decoder.unfinished) this.#clearFrameTimer();
    else if (!began || events.length > 0) this.#startFrameTimer();
    this.#watchPause();
    if (!this.#queue(events)) this.#refuse();
    this.#work();
    this.#watchIdle();
  }

  /** False where there is no room for what came. */
  #queue(events: readonly MllpEvent[]): boolean {
    for (const event of events) {
      this.#backlog.push(event);
      this.#backlogBytes += event.bytes.length;
    }
    return this.#count();
  }

  /** What is complete is taken still; what has begun is not, and nothing behind it. */
  #refuse(): void {
    this.#clearFrameTimer();
    this.#queue(this.#decoder.refuse());
  }

  /** A sender that begins TLS where it is not spoken would wait for its answer as long as it may be idle. */
  #refusesTls(chunk: Uint8Array): boolean {
    if (chunk[0] !== 0x16 || chunk[1] !== 0x03) return false;
    this.#trouble('handshake', chunk.slice(), chunk.length, 'tls-to-plain');
    this.drain();
    return true;
  }

  /** The sender has closed its side; it may still read. */
  #peerEnded(): void {
    if (this.#state === 'open') {
      this.#queue(this.#decoder.end());
      this.#stopTimers();
      this.#work();
      if (this.#backlog.length > 0) return;
    }
    this.drain();
  }

  /** Hands on what the decoder gave as far as there are slots, and pauses the socket while there are none. */
  #work(): void {
    while (this.#state === 'open' && this.#hasSlot()) {
      const event = this.#backlog.shift();
      if (event === undefined) break;
      this.#backlogBytes -= event.bytes.length;
      if (event.kind === 'frame') this.#receive(event.bytes);
      else {
        this.#trouble(event.trouble, event.bytes, event.size);
        if (event.trouble === 'too-large' || event.trouble === 'no-room') this.offer({ bytes: this.#options.nak ?? null });
      }
    }
    if (this.#state !== 'open') return;
    if (this.#decoder.broken && this.#backlog.length === 0) this.drain();
    else if (!this.#hasSlot()) {
      this.#socket.pause();
      // While we do not read, a slow frame is not the sender's fault.
      this.#clearFrameTimer();
    } else if (this.#socket.readableEnded) this.drain();
    else if (this.#socket.isPaused()) {
      this.#socket.resume();
      if (this.#decoder.unfinished) this.#startFrameTimer();
    }
  }

  #hasSlot(): boolean {
    const { maxUnanswered = defaultUnanswered, maxUnansweredBytes = defaultUnansweredBytes } = this.#options;
    return this.#held === 0 || (this.#held < maxUnanswered && this.#heldBytes < maxUnansweredBytes);
  }

  #receive(bytes: Uint8Array): void {
    const slot: Slot = { size: bytes.length, answer: null };
    this.#hold(slot);
    const answered = (answer: Answer | 'failed'): void => {
      slot.answer = answer;
      this.#settle();
    };
    this.#ask(bytes).then(answered, () => answered('failed'));
  }

  #hold(slot: Slot): void {
    this.#slots.push(slot);
    this.#held += 1;
    this.#heldBytes += slot.size;
    this.#count();
  }

  #ask(bytes: Uint8Array): Promise<Answer> {
    const { peer, certificate } = this.#sender;
    try {
      return this.#options.receive({ bytes, peer, receivedAt: new Date(), certificate, line: this });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes the answers that are next in order. */
  #settle(): void {
    while (this.#slots[0]?.answer) {
      const { answer, size } = this.#slots.shift() as Slot;
      if (answer === 'failed') this.#fail(size);
      else if (answer !== null) this.#write(answer, size);
    }
    if (this.#state === 'ending' && this.#held === 0) this.#goodbye();
  }

  #write(answer: Answer, size: number): void {
    const { commit = null, bytes } = answer;
    if (commit === null && bytes === null) this.#release(size);
    else if (this.#state === 'closed' || this.#state === 'ended' || !this.#socket.writable) this.#wrote(answer, size, 'lost');
    else {
      if (commit !== null) this.#socket.write(encodeFrame(commit));
      if (bytes !== null) this.#socket.write(encodeFrame(bytes));
      // Most answers have left the process by now. An empty write has its turn when all before it has left.
      if (this.#socket.writableLength === 0 && this.#socket.errored === null) this.#wrote(answer, size, 'sent');
      else this.#socket.write(nothing, (error) => this.#wrote(answer, size, error ? 'lost' : 'sent'));
    }
  }

  #wrote(answer: Answer, size: number, outcome: 'sent' | 'lost'): void {
    tell(answer, outcome);
    this.#release(size);
  }

  #release(size: number): void {
    this.#held -= 1;
    this.#heldBytes -= size;
    this.#count();
    if (this.#state === 'open') {
      this.#work();
      this.#watchIdle();
    } else if (this.#state === 'ending' && this.#held === 0) this.#goodbye();
  }

  /** A frame without an answer: the answers behind it must not be taken for its own, so the connection ends here. */
  #fail(size: number): void {
    const { nak } = this.#options;
    if (nak) {
      this.#write({ bytes: nak }, size);
      return;
    }
    if (this.#state === 'open' || this.#state === 'ending') {
      this.#end();
      this.#goodbye();
    }
    this.#release(size);
  }

  #goodbye(): void {
    if (this.#state !== 'ending') return;
    this.#state = 'ended';
    this.#socket.end();
    this.#socket.resume();
    this.#lingerTimer = setTimeout(() => this.#socket.destroy(), linger);
  }

  #closed(): void {
    if (this.#state === 'open' && this.#decoder.unfinished) for (const event of this.#decoder.end()) this.#cutOff(event);
    this.#state = 'closed';
    this.#forget();
    this.#stopTimers();
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
  }

  /** A connection that broke within a frame: nothing of it was accepted. */
  #cutOff(event: MllpEvent): void {
    if (event.kind === 'trouble') this.#trouble(event.trouble, event.bytes, event.size);
    else this.#trouble('cut-off', event.bytes, event.bytes.length);
  }

  #trouble(kind: ListenTrouble['kind'], bytes: Uint8Array, size: number, reason: ListenTrouble['reason'] = null): void {
    const { channel } = this.#options;
    this.#options.trouble({ kind, reason, detail: null, channel, peer: this.#sender.peer, at: new Date(), bytes, size });
  }

  #startFrameTimer(): void {
    this.#clearFrameTimer();
    this.#frameTimer = setTimeout(() => {
      for (const event of this.#decoder.end()) this.#unended(event);
      this.drain();
    }, this.#options.frameTimeout);
  }

  /** Junk stays junk, however long no frame comes behind it. */
  #unended(event: MllpEvent): void {
    if (event.kind === 'trouble') this.#trouble(event.trouble === 'junk' ? 'junk' : 'slow', event.bytes, event.size);
  }

  #clearFrameTimer(): void {
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
  }

  #watchPause(): void {
    if (this.#pauseTimer !== null) clearTimeout(this.#pauseTimer);
    this.#pauseTimer = null;
    if (!this.#decoder.ending) return;
    this.#pauseTimer = setTimeout(() => {
      this.#queue(this.#decoder.pause());
      this.#clearFrameTimer();
      this.#work();
    }, endPause);
  }

  /** Nothing has come, and nothing is owed, since `#active`. One timer for all: most messages only move the time that it looks at. */
  #watchIdle(): void {
    const { idleTimeout } = this.#options;
    this.#active = performance.now();
    if (this.#idleTimer !== null || this.#state !== 'open' || idleTimeout === 0) return;
    const look = (): void => {
      this.#idleTimer = null;
      if (this.#state !== 'open') return;
      const left = this.#held > 0 ? idleTimeout : this.#active + idleTimeout - performance.now();
      if (left < 1) this.drain();
      else this.#idleTimer = setTimeout(look, left);
    };
    this.#idleTimer = setTimeout(look, idleTimeout);
  }

  #stopTimers(): void {
    this.#clearFrameTimer();
    if (this.#pauseTimer !== null) clearTimeout(this.#pauseTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
  }
}

/** Tells what became of an answer. Whoever is told cannot take the connection down. */
function tell(answer: Answer, outcome: 'sent' | 'lost'): void {
  try {
    answer.sent?.(outcome);
  } catch {
    // The listener has nowhere to report it, and the other answers of this connection must leave.
  }
}
