/** A message as the page shows it: its segments and populated fields, taken apart, escapes decoded. Pure. */
import { WeirError } from '../errors.ts';
import { decode } from '../hl7/charset.ts';
import { Message, type Segment } from '../hl7/message.ts';

export interface FieldView {
  /** `PID-5`; an occurrence is the page's to count. */
  readonly position: string;
  /** Repetitions of components of subcomponents. Empty ones inside keep their place, those at the end are left out. */
  readonly repetitions: string[][][];
}

export interface SegmentView {
  readonly name: string;
  readonly fields: FieldView[];
}

export interface MessageView {
  /** The whole text, line ends as `\n`. */
  readonly text: string;
  readonly segments: SegmentView[];
  /** How many the message has. */
  readonly segmentCount: number;
  /** The encoding that it was read in, and the first byte that means nothing there; null where every byte was read. */
  readonly charset: string;
  readonly undecodable: number | null;
}

/** Raw bytes to what is shown, with at most `most` segments taken apart. Bytes that are no message (they were refused, and kept) have text and no segments. */
export function viewMessage(raw: Uint8Array, charset: string | null, most: number): MessageView {
  try {
    const message = Message.parse(raw, { charset });
    const segments = message.segments.slice(0, most).map(viewSegment);
    const { charset: read, undecodable } = message;
    return { text: lines(message.text), segments, segmentCount: message.segments.length, charset: read, undecodable };
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    const { text, charset: read, undecodable } = decode(raw, charset);
    return { text: lines(text), segments: [], segmentCount: 0, charset: read, undecodable };
  }
}

function viewSegment(segment: Segment): SegmentView {
  const fields: FieldView[] = [];
  for (let field = 1; field <= segment.fieldCount; field += 1) {
    if (segment.field(field) === '') continue;
    const repetitions = range(segment.count(field), (repetition) =>
      range(segment.componentCount(field, repetition), (component) =>
        range(segment.subcomponentCount(field, repetition, component), (subcomponent) =>
          segment.value(field, repetition, component, subcomponent),
        ),
      ),
    );
    fields.push({ position: `${segment.name}-${field}`, repetitions });
  }
  return { name: segment.name, fields };
}

function range<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

function lines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}
