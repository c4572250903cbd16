/** Numbers that a seed and an input's number decide: the same input comes again wherever and whenever it is asked for. */
export class Random {
  #state: number;

  constructor(seed: number, input: number) {
    // Input numbers reach beyond 32 bits.
    this.#state = mix(mix(seed ^ Math.floor(input / 2 ** 32)) ^ (input >>> 0));
  }

  /** A whole number from 0 up to, but not, `below` (at most 2^32). */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return Math.floor((mix(this.#state) / 2 ** 32) * below);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  list<T>(atMost: number, make: () => T): T[] {
    return Array.from({ length: this.below(atMost + 1) }, make);
  }
}

/** 32 bits well stirred (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
