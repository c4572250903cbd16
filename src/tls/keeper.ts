/** Keeps the files of a declaration: reads them again when they change, and goes on with the last good ones where the new ones are not. */
import { WeirError } from '../errors.ts';
import { readTls } from './files.ts';
import type { Credentials, TlsFiles } from './types.ts';

/** How often the files are looked at. Read, not watched: mounted volumes and network shares tell no changes. Milliseconds. */
const interval = 10_000;

export interface TlsStatus {
  /** When the files that are in use were read. */
  readonly loaded: Date;
  /** When the first of our certificates ends; null where there is none. */
  readonly expires: Date | null;
  /** Why the files as they are now are not used, or soon cannot be; null where all is well. A sentence. */
  readonly problem: string | null;
}

export interface TlsKeeper {
  /** The files as they were last found good. */
  readonly credentials: Credentials;
  readonly status: TlsStatus;
  /** Looks at the files now. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

export interface KeeperEvents {
  /** New files that are good: takes them into use. */
  readonly changed?: (credentials: Credentials) => void;
  /** Something is wrong with the files, told once as long as it is the same; null: no more. */
  readonly problem?: (text: string | null) => void;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/** Reads the files and keeps them. Rejects with `tls-files` where they cannot be used from the start. */
export async function keepTls(files: TlsFiles, events: KeeperEvents = {}): Promise<TlsKeeper> {
  const first = await readTls(files, new Date());
  if (first.credentials === null) throw new WeirError('tls-files', first.problems[0]?.text);
  const keeper = new Keeper(files, first.credentials, events);
  keeper.tell(first.problems[0]?.text ?? null);
  return keeper;
}

class Keeper implements TlsKeeper {
  credentials: Credentials;
  readonly #files: TlsFiles;
  readonly #events: KeeperEvents;
  readonly #timer: NodeJS.Timeout;
  #loaded = new Date();
  #problem: string | null = null;
  #looking: Promise<void> | null = null;

  constructor(files: TlsFiles, credentials: Credentials, events: KeeperEvents) {
    this.#files = files;
    this.credentials = credentials;
    this.#events = events;
    this.#timer = setInterval(() => void this.refresh(), events.interval ?? interval);
    this.#timer.unref();
  }

  get status(): TlsStatus {
    return { loaded: this.#loaded, expires: this.credentials.expires, problem: this.#problem };
  }

  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  tell(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#events.problem?.(problem);
  }

  /** A half-written pair is one that does not fit together: it changes nothing, and the next look finds it whole. */
  async #look(): Promise<void> {
    const { credentials, problems } = await readTls(this.#files, new Date());
    if (credentials !== null && !same(credentials, this.credentials)) {
      this.credentials = credentials;
      this.#loaded = new Date();
      this.#events.changed?.(credentials);
    }
    const worst = problems.find(({ severity }) => severity === 'error') ?? problems[0];
    this.tell(worst?.text ?? null);
  }
}

function same(one: Credentials, other: Credentials): boolean {
  return (['cert', 'key', 'ca'] as const).every((part) => {
    const [a, b] = [one[part], other[part]];
    return a === null || b === null ? a === b : a.equals(b);
  });
}
