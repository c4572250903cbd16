/** Batches and files of messages (HL7 2.9, 2.10.3): [FHS] { [BHS] { message } [BTS] } [FTS]. */
import { standardDelimiters } from './escape.ts';
import { readDelimiters } from './message.ts';
import { cutParts, type Part } from './parts.ts';
import { Segment, segmentContext } from './segment.ts';
import type { Delimiters } from './types.ts';

/** What a file holds. */
export interface Split {
  /** The messages, in order. */
  readonly messages: readonly Uint8Array[];
  /** What stands before the first message and is none: junk, or a file of something else. Null where there is nothing. */
  readonly junk: Uint8Array | null;
}

/** The messages of a file, whatever stands around them: one, several, a batch, or MLLP frames that hold any of these. */
export function splitMessages(bytes: Uint8Array): Split {
  const parts = cutParts(bytes);
  return {
    messages: parts.filter((part) => part.name === 'MSH').map((part) => part.bytes),
    junk: parts.find((part) => part.name === 'junk')?.bytes ?? null,
  };
}

/** A segment around messages: FHS, BHS, BTS or FTS. Its fields count as in a message: BHS-1 is the separator, BTS-1 the first field behind the name. */
export interface Envelope {
  readonly segment: Segment;
  readonly delimiters: Delimiters;
  readonly bytes: Uint8Array;
}

/** Messages between BHS and BTS, or without them. */
export interface Batch {
  readonly header: Envelope | null;
  readonly messages: readonly Uint8Array[];
  readonly trailer: Envelope | null;
}

export interface BatchFile {
  /** FHS. */
  readonly header: Envelope | null;
  readonly batches: readonly Batch[];
  /** FTS. */
  readonly trailer: Envelope | null;
  /** What is wrong with the envelope, in the order of the file. The messages are all there whatever this says. */
  readonly issues: readonly BatchIssue[];
}

/**
 * `batch-count`: BTS-1 or FTS-1 is not the number there is. `batch-unended`: a BHS without BTS, an FHS without FTS. `batch-order`: a header or
 * trailer where none can stand. `batch-junk`: something that is neither a message nor a header.
 */
export type BatchIssueCode = 'batch-count' | 'batch-unended' | 'batch-order' | 'batch-junk';

export interface BatchIssue {
  readonly code: BatchIssueCode;
  /** The path at fault, `BTS[2]-1`; empty for junk. */
  readonly location: string;
  readonly text: string;
}

/** Whether bytes begin with the header of a file or a batch: they are then to be answered as one (2.10.3.3). */
export function isBatch(bytes: Uint8Array): boolean {
  const first = cutParts(bytes)[0]?.name;
  return first === 'FHS' || first === 'BHS';
}

/**
 * Reads a batch or a file of batches; a message alone is a batch of one without header and trailer. Whatever is missing or out of place is
 * reported and no message is left out. `charset` is the encoding label of the envelope, which cannot state it itself.
 */
export function readBatch(bytes: Uint8Array, charset?: string): BatchFile {
  const reader = new BatchReader();
  for (const part of cutParts(bytes, charset)) reader.take(part);
  return reader.end();
}

interface OpenBatch {
  header: Envelope | null;
  messages: Uint8Array[];
  trailer: Envelope | null;
}

class BatchReader {
  #header: Envelope | null = null;
  #trailer: Envelope | null = null;
  readonly #batches: OpenBatch[] = [];
  readonly #issues: BatchIssue[] = [];
  /** The batch that is not closed yet. */
  #open: OpenBatch | null = null;
  #openPlace = '';
  #delimiters = standardDelimiters;
  readonly #seen = new Map<string, number>();

  take(part: Part): void {
    if (part.name === 'MSH') {
      if (this.#trailer !== null && this.#open === null)
        this.#issue('batch-order', 'FTS', 'A message stands behind the end of the file (FTS); it was taken');
      this.#batch().messages.push(part.bytes);
      return;
    }
    if (part.name === 'junk') {
      this.#issue('batch-junk', '', 'There is text between the messages that belongs to none; it was left out');
      return;
    }
    const place = this.#place(part.name);
    const envelope = this.#envelope(part);
    if (part.name === 'FHS') this.#fileHeader(envelope, place);
    else if (part.name === 'BHS') this.#batchHeader(envelope, place);
    else if (part.name === 'BTS') this.#batchTrailer(envelope, place);
    else this.#fileTrailer(envelope, place);
  }

  end(): BatchFile {
    this.#closeBatch();
    if (this.#header !== null && this.#trailer === null)
      this.#issue('batch-unended', 'FHS', 'The file has no trailer (FTS); it may have been cut off');
    return { header: this.#header, batches: this.#batches, trailer: this.#trailer, issues: this.#issues };
  }

  #fileHeader(envelope: Envelope, place: string): void {
    this.#closeBatch();
    if (this.#header !== null || this.#batches.length > 0)
      this.#issue('batch-order', place, 'A file header (FHS) stands inside the file; what follows was taken as part of it');
    this.#header ??= envelope;
  }

  #batchHeader(envelope: Envelope, place: string): void {
    this.#closeBatch();
    if (this.#trailer !== null)
      this.#issue('batch-order', place, 'A batch stands behind the end of the file (FTS); it was taken');
    this.#batch().header = envelope;
    this.#openPlace = place;
  }

  #batchTrailer(envelope: Envelope, place: string): void {
    if (this.#open === null) {
      this.#issue('batch-order', place, 'A batch trailer (BTS) stands where no batch is open; it was left out');
      return;
    }
    this.#open.trailer = envelope;
    this.#count(envelope, place, this.#open.messages.length, 'messages');
    this.#open = null;
  }

  #fileTrailer(envelope: Envelope, place: string): void {
    this.#closeBatch();
    if (this.#trailer !== null)
      this.#issue('batch-order', place, 'The file has another trailer (FTS) already; this one was left out');
    else this.#count(envelope, place, this.#batches.length, 'batches');
    this.#trailer ??= envelope;
  }

  #closeBatch(): void {
    if (this.#open?.header)
      this.#issue('batch-unended', this.#openPlace, 'The batch has no trailer (BTS); it may have been cut off');
    this.#open = null;
  }

  #batch(): OpenBatch {
    if (this.#open === null) {
      this.#open = { header: null, messages: [], trailer: null };
      this.#batches.push(this.#open);
    }
    return this.#open;
  }

  /** An empty count says nothing. */
  #count({ segment }: Envelope, place: string, there: number, of: string): void {
    const stated = segment.value(1, 1, 1, 1).trim();
    if (stated === '' || (/^\d+$/.test(stated) && Number(stated) === there)) return;
    const says = /^\d+$/.test(stated) ? `states ${Number(stated)} ${of}` : `states no number of ${of}`;
    this.#issue(
      'batch-count',
      `${place}-1`,
      `The trailer ${says} and there are ${there}; see whether something was lost on the way`,
    );
  }

  #envelope({ name, text, bytes }: Part): Envelope {
    // Trailers use the delimiters of the header before them.
    if (name === 'FHS' || name === 'BHS') this.#delimiters = readDelimiters(text, 0);
    const delimiters = this.#delimiters;
    return { segment: new Segment(0, 0, text.length, segmentContext(text, delimiters, 'utf-8')), delimiters, bytes };
  }

  #place(name: string): string {
    const n = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, n);
    return n === 1 ? name : `${name}[${n}]`;
  }

  #issue(code: BatchIssueCode, location: string, text: string): void {
    this.#issues.push({ code, location, text });
  }
}
