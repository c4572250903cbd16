/** The `weir` command: finds the command of that name, sees that its options exist, and runs it. One command, one file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty';
import { WeirError } from '../errors.ts';
import { packageRoot } from '../settings.ts';
import { optionProblem } from './options.ts';

interface Entry {
  readonly does: string;
  /** Loaded only when it is called: `weir get` must not wait for the engine. */
  readonly load: () => Promise<{ readonly default: CommandDef<ArgsDef> }>;
}

// A command's own argument types are narrower than what can be said of all of them.
const loose = (load: () => Promise<{ readonly default: unknown }>): Entry['load'] => load as Entry['load'];

const commands: Readonly<Record<string, Entry>> = {
  run: { does: 'the engine: listeners, workers, API, page', load: loose(() => import('./run.ts')) },
  test: { does: 'the tests written in channels and mappings', load: loose(() => import('./test.ts')) },
  check: {
    does: 'every lint over channels and mappings; --message: a message against the standard and a profile',
    load: loose(() => import('./check.ts')),
  },
  map: { does: 'offline: messages in, bundles out', load: loose(() => import('./map.ts')) },
  explain: { does: 'each field of a message: what became of it, and by which rows', load: loose(() => import('./explain.ts')) },
  coverage: { does: 'what becomes of each field, summed over many messages', load: loose(() => import('./coverage.ts')) },
  get: { does: 'the values at a path of a message', load: loose(() => import('./get.ts')) },
  guide: { does: 'the score against the HL7 V2-to-FHIR guide, by map', load: loose(() => import('./guide.ts')) },
  send: { does: 'sends messages as a sending system does, and prints each ACK', load: loose(() => import('./send.ts')) },
  status: { does: 'what a running engine received, delivered, holds and parked', load: loose(() => import('./status.ts')) },
  unmerge: { does: 'takes back a merge that a message made', load: loose(() => import('./unmerge.ts')) },
};

const misuse = 2;

/** Runs the command line and gives the exit code: 0 good, 1 the thing checked is bad, 2 misuse. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') return say(version());
  if (name === undefined) return complain(`No command was given.\n\n${overview()}`);
  if (name === '--help' || name === '-h' || name === 'help') return say(overview());
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const kind = name.startsWith('-') ? 'option' : 'command';
    return complain(
      `There is no ${kind} ${name}; the commands are ${Object.keys(commands).join(', ')}. "weir help" says what they do.`,
    );
  }
  const command = (await entry.load()).default;
  if (rest.includes('--help') || rest.includes('-h')) return say(await usage(name, command));
  const definitions = await resolve(command.args ?? {});
  const problem = optionProblem(rest, definitions);
  if (problem !== null) return complain(`${problem}; "weir ${name} --help" lists what it takes.`);
  try {
    await runCommand(command, { rawArgs: rest });
    return exitCode();
  } catch (error) {
    return failed(name, error);
  }
}

function failed(name: string, error: unknown): number {
  // citty's way of saying that the command line is wrong
  if (error instanceof Error && error.name === 'CLIError')
    return complain(`${error.message.replace(/\.$/, '')}; "weir ${name} --help" lists what it takes.`);
  if (error instanceof WeirError) {
    complain(`${error.message}.`);
    return error.code === 'settings-bad' ? misuse : 1;
  }
  throw error;
}

const exitCode = (): number => (typeof process.exitCode === 'number' ? process.exitCode : 0);

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return misuse;
}

function version(): string {
  const about: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  return typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : 'unknown';
}

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`);
  return ['weir COMMAND [OPTIONS]', '', ...lines, '', '"weir COMMAND --help" says more of each.'].join('\n');
}

async function usage(name: string, command: CommandDef<ArgsDef>): Promise<string> {
  const meta = await resolve(command.meta ?? {});
  return renderUsage({ ...command, meta: { ...meta, name: `weir ${name}` } });
}

async function resolve<T>(value: T | Promise<T> | (() => T) | (() => Promise<T>)): Promise<T> {
  return typeof value === 'function' ? (value as () => T | Promise<T>)() : value;
}

// `weir map FILE | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
