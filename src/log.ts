/** The log: named events with facts that are safe to tell. Nothing of a message's content comes here (promise 7). */
import { type Logger, pino } from 'pino';
import { WeirError } from './errors.ts';

export interface Log {
  debug(text: string): void;
  /** A request to the API, by its route: a fault of ours is a warning, the rest is for those who look closely. */
  request(line: { readonly status: number; readonly fault: string | null }): void;
  info(text: string, facts?: Record<string, string | number>): void;
  /** Something went wrong in a part of the engine. Only the error's code is told: its text may quote values. */
  trouble(where: string, error: unknown): void;
}

/** Opens the process's log: JSON lines on standard error, so that standard output stays a person's. */
export function openLog(level: string): Log {
  const logger: Logger = pino({ level, base: null }, pino.destination(2));
  return {
    debug: (text) => logger.debug(text),
    request: (line) => (line.fault === null ? logger.debug(line, 'request') : logger.warn(line, 'request failed')),
    info: (text, facts) => logger.info(facts ?? {}, text),
    trouble: (where, error) =>
      logger.warn(
        { where, code: codeOf(error) },
        error instanceof WeirError ? error.message : 'a part of the engine failed and goes on',
      ),
  };
}

function codeOf(error: unknown): string {
  if (error instanceof WeirError) return error.code;
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
