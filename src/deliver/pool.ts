/** Things of which each serves one at a time, made when they are needed, up to a number. Who finds none free waits, first come first served. */
export class Pool<T> {
  readonly #make: () => T;
  readonly #most: number;
  readonly #all: T[] = [];
  readonly #free: T[] = [];
  readonly #waiting: ((one: T) => void)[] = [];

  constructor(most: number, make: () => T) {
    this.#most = most;
    this.#make = make;
  }

  /** Does something with one that is free: the one used last, so that few are kept busy. */
  async with<R>(use: (one: T) => Promise<R>): Promise<R> {
    const one = await this.#take();
    try {
      return await use(one);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(one);
      else this.#free.push(one);
    }
  }

  /** Closes each. */
  async close(end: (one: T) => Promise<void>): Promise<void> {
    await Promise.all(this.#all.map(end));
  }

  #take(): T | Promise<T> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#all.length >= this.#most) return new Promise((resolve) => this.#waiting.push(resolve));
    const one = this.#make();
    this.#all.push(one);
    return one;
  }
}
