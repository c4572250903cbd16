/** The settings of a process: read from the environment, each declared once. `docs/settings.md` is generated from this table. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from './errors.ts';

export interface Address {
  /** Without brackets, also where it is an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Settings {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: the work queue lies in PostgreSQL too. */
  readonly redisUrl: string | null;
  /** Absolute path of the folder of channel files. */
  readonly channels: string;
  /** Absolute path of the folder of mapping files. */
  readonly mappings: string;
  /** Where the API and the page are served. */
  readonly http: Address;
  /** Names by which the page may be reached, beside loopback and addresses. */
  readonly hosts: readonly string[];
  /** The address that MLLP listeners bind. */
  readonly bind: string;
  readonly log: LogLevel;
}

/** Where a process stands: what relative paths and defaults refer to. */
interface Place {
  readonly cwd: string;
  /** The clone, or the installed package. */
  readonly root: string;
}

type Read<T> = { readonly value: T } | { readonly problem: string };

interface Declaration<T> {
  readonly name: string;
  /** How a value is written, for people. */
  readonly type: string;
  /** What is used where it is unset, for people. */
  readonly default: string;
  readonly sentence: string;
  readonly example: string;
  readonly unset: (place: Place) => T;
  /** The problem continues the sentence "NAME ...", and never repeats what may hold a password. */
  readonly read: (text: string, place: Place) => Read<T>;
}

/** The folder of the package: above `src/` in a clone, above `dist/` where it is installed. */
export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const declarations: { readonly [Key in keyof Settings]: Declaration<Settings[Key]> } = {
  dataDir: {
    name: 'WEIR_DATA',
    type: 'folder',
    default: '`.weir` in the current folder',
    sentence:
      'Where Weir keeps what must outlive it: the embedded PostgreSQL, and the note of where that lies when it cannot lie here.',
    example: '/srv/weir',
    unset: ({ cwd }) => join(cwd, '.weir'),
    read: (text, { cwd }) => ({ value: resolve(cwd, text) }),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    type: 'URL, `postgres://user:password@host:port/database`',
    default: 'unset: the embedded PostgreSQL',
    sentence: 'The PostgreSQL (15 or later) that holds every message. Several Weir processes may share one.',
    example: 'postgres://weir:secret@db.example:5432/weir',
    unset: () => null,
    read: (text) => readUrl(text, ['postgres:', 'postgresql:']),
  },
  redisUrl: {
    name: 'REDIS_URL',
    type: 'URL, `redis://host:port` or `rediss://` for TLS',
    default: 'unset: the work queue lies in PostgreSQL',
    sentence:
      'The Redis (7 or later, AOF everysec, noeviction) that carries the work queue. It holds names of work to do, never messages.',
    example: 'redis://queue.example:6379',
    unset: () => null,
    read: (text) => readUrl(text, ['redis:', 'rediss:']),
  },
  channels: {
    name: 'WEIR_CHANNELS',
    type: 'folder',
    default: "`channels` in the current folder, else the package's own",
    sentence: 'The channel files, one YAML file an interface.',
    example: '/etc/weir/channels',
    unset: (place) => ownOrPackaged(place, 'channels'),
    read: readFolder,
  },
  mappings: {
    name: 'WEIR_MAPPINGS',
    type: 'folder',
    default: "`mappings` in the current folder, else the package's own",
    sentence: "The mapping tables: the guide's messages, segments, datatypes and vocabularies, and the overlays of sites.",
    example: '/etc/weir/mappings',
    unset: (place) => ownOrPackaged(place, 'mappings'),
    read: readFolder,
  },
  http: {
    name: 'WEIR_HTTP',
    type: '`host:port`, or a port alone for 127.0.0.1',
    default: '`127.0.0.1:8080`',
    sentence:
      'Where the page, the API, the sandbox under /fhir and the metrics are served. They show message content: keep them off open networks.',
    example: '0.0.0.0:8080',
    unset: () => ({ host: '127.0.0.1', port: 8080 }),
    read: readAddress,
  },
  hosts: {
    name: 'WEIR_HOSTS',
    type: 'names, apart by commas; `*` for any',
    default: 'none: addresses and `localhost` only',
    sentence:
      'The names by which the page and the API may be reached. Any other is refused, so that no foreign page can point a name of its own here.',
    example: 'weir.mercy.example',
    unset: () => [],
    read: (text) => ({
      value: text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    }),
  },
  bind: {
    name: 'WEIR_BIND',
    type: 'IP address or host name',
    default: '`127.0.0.1`',
    sentence: "The address on which the channels' MLLP listeners take connections; the ports stand in the channel files.",
    example: '0.0.0.0',
    unset: () => '127.0.0.1',
    read: (text) =>
      /[\s/]/.test(text) || /^[^:]*:\d*$/.test(text)
        ? { problem: 'is an address without a port, such as 0.0.0.0' }
        : { value: withoutBrackets(text) },
  },
  log: {
    name: 'WEIR_LOG',
    type: logLevels.map((level) => `\`${level}\``).join(', '),
    default: '`info`',
    sentence: 'The least severe log line that is written. No level writes message content.',
    example: 'debug',
    unset: () => 'info',
    read: (text) => {
      const level = logLevels.find((one) => one === text.toLowerCase());
      return level === undefined ? { problem: `is one of ${logLevels.join(', ')}` } : { value: level };
    },
  },
};

/** The declarations without their code, in the order of the page. */
export const settingsTable: ReadonlyArray<Pick<Declaration<unknown>, 'name' | 'type' | 'default' | 'sentence' | 'example'>> =
  Object.values(declarations);

/**
 * Reads all settings; an empty variable counts as unset. Throws `settings-bad` that lists every problem at once.
 */
export function readSettings(env: NodeJS.ProcessEnv, place: Place = { cwd: process.cwd(), root: packageRoot }): Settings {
  const problems: string[] = [];
  const one = <Key extends keyof Settings>(key: Key): Settings[Key] => {
    const declaration: Declaration<Settings[Key]> = declarations[key];
    const text = env[declaration.name]?.trim() ?? '';
    if (text === '') return declaration.unset(place);
    const read = declaration.read(text, place);
    if ('value' in read) return read.value;
    problems.push(`${declaration.name} ${read.problem}`);
    return declaration.unset(place);
  };
  const settings: Settings = {
    dataDir: one('dataDir'),
    databaseUrl: one('databaseUrl'),
    redisUrl: one('redisUrl'),
    channels: one('channels'),
    mappings: one('mappings'),
    http: one('http'),
    hosts: one('hosts'),
    bind: one('bind'),
    log: one('log'),
  };
  if (problems.length > 0) throw new WeirError('settings-bad', problems.join('; '));
  return settings;
}

function ownOrPackaged({ cwd, root }: Place, name: string): string {
  const own = join(cwd, name);
  return existsSync(own) ? own : join(root, name);
}

function readFolder(text: string, { cwd }: Place): Read<string> {
  const folder = resolve(cwd, text);
  return existsSync(folder) ? { value: folder } : { problem: `names a folder that is not there: ${folder}` };
}

function readUrl(text: string, protocols: readonly string[]): Read<string> {
  const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
  const good = URL.canParse(text) && protocols.includes(new URL(text).protocol);
  return good ? { value: text } : { problem: `is a URL that begins with ${wanted}` };
}

function readAddress(text: string): Read<Address> {
  const match = /^(?:(\[[^\]]+\]|[^:\s/]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) return { problem: `is host:port such as 127.0.0.1:8080, not ${text}` };
  return { value: { host: withoutBrackets(match[1] ?? '127.0.0.1'), port } };
}

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
