/** A time zone: what stands between local time and UTC. */
export interface Zone {
  /** The offset in minutes, east positive, at a local time given as if it were UTC, in milliseconds since 1970. */
  offset(local: number): number;
  /** Whether a clock change makes this local time one that never was (`skipped`) or one that was twice (`twice`); else null. */
  change(local: number): ClockChange | null;
}

export type ClockChange = 'skipped' | 'twice';

const day = 86_400_000;

/**
 * A zone from `UTC`, `Z`, an offset (`+01:00`, `-0500`) or an IANA name (`Europe/Vienna`). Null where it is none of these. Make it once:
 * an IANA zone costs some 50 microseconds to make, and remembers the offsets that it has looked up.
 */
export function parseZone(text: string): Zone | null {
  if (text === 'UTC' || text === 'Z') return fixedZone(0);
  const fixed = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (fixed) {
    const minutes = (Number(fixed[2]) * 60 + Number(fixed[3])) * (fixed[1] === '-' ? -1 : 1);
    return Math.abs(minutes) <= 14 * 60 && Number(fixed[3]) < 60 ? fixedZone(minutes) : null;
  }
  try {
    return new NamedZone(text);
  } catch {
    return null;
  }
}

function fixedZone(minutes: number): Zone {
  return { offset: () => minutes, change: () => null };
}

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Hour since 1970 -> offset there. */
  readonly #known = new Map<number, number>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /** Of a time that a clock change makes happen twice, the first; a time that it skips is read by the offset before the change. */
  offset(local: number): number {
    const before = this.#at(local - day);
    const after = this.#at(local + day);
    if (before === after || this.#at(local - before * 60_000) === before) return before;
    return this.#at(local - after * 60_000) === after ? after : before;
  }

  change(local: number): ClockChange | null {
    const before = this.#at(local - day);
    const after = this.#at(local + day);
    if (before === after) return null;
    const isBefore = this.#at(local - before * 60_000) === before;
    const isAfter = this.#at(local - after * 60_000) === after;
    if (isBefore === isAfter) return isBefore ? 'twice' : 'skipped';
    return null;
  }

  #at(time: number): number {
    const quarter = Math.floor(time / 900_000);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    const sign = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(this.#format.format(quarter * 900_000));
    const minutes = sign?.[1] === undefined ? 0 : (Number(sign[2]) * 60 + Number(sign[3])) * (sign[1] === '-' ? -1 : 1);
    if (this.#known.size > 10_000) this.#known.clear();
    this.#known.set(quarter, minutes);
    return minutes;
  }
}

/** `+01:00` */
export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
