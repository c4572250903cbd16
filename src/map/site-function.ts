/**
 * Functions of sites, run apart: a context of its own that has neither files nor network, clock nor chance, and a limit of time. Values go in
 * and out as JSON, so that nothing of Weir is in reach. It keeps a mistake from doing harm; it is no prison for hostile code, and needs none:
 * the files are the site's configuration like its rows.
 */
import { createContext, Script } from 'node:vm';
import { WeirError } from '../errors.ts';
import type { LibraryFunction, Result, Value } from './functions.ts';
import type { SiteModule } from './mapping.ts';

/** Milliseconds for a call: by the clock on the wall, so that it must not hang on how busy the machine is. */
const LIMIT = 1_000;
/** The same for the file's own first run. */
const START_LIMIT = 5_000;
/** Results are remembered: the function is pure, and a call costs more than looking it up. */
const REMEMBERED = 500;

/** What is taken away: clock, chance, and what could make code of text or wait. */
const prelude = `
delete globalThis.Date; delete globalThis.WebAssembly; delete globalThis.SharedArrayBuffer; delete globalThis.Atomics;
delete Math.random; delete globalThis.console; delete globalThis.WeakRef; delete globalThis.FinalizationRegistry;
`;

/** Prepares one function of a file. A fault in the file itself throws `map-failed`; one in a call is an issue of its value. */
export function siteFunction(module: SiteModule, name: string): LibraryFunction {
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  try {
    new Script(prelude).runInContext(context);
    new Script(module.code, { filename: module.file }).runInContext(context, { timeout: START_LIMIT });
  } catch {
    throw new WeirError('map-failed', `the site functions of ${module.file} do not start`);
  }
  const call = new Script(`JSON.stringify({ result: ${name}(JSON.parse(input)) })`);
  const known = new Map<string, Result>();
  return {
    text: '',
    fails: { code: 'bad-value', why: `the function ${name} failed or took more than a second` },
    run(value) {
      const input = JSON.stringify(inputOf(value));
      if (known.has(input)) return known.get(input);
      context.input = input;
      let result: Result;
      try {
        result = resultOf(call.runInContext(context, { timeout: LIMIT }));
      } catch {
        // Not remembered: what took too long once may be quick the next time.
        return undefined;
      }
      if (known.size >= REMEMBERED) known.clear();
      known.set(input, result);
      return result;
    },
  };
}

/** What the function is given: `SiteValue` of mappings/sites/types.ts. */
function inputOf(value: Value): object {
  const components = Array.from({ length: value.count }, (_, at) => {
    const parts = [value.part(at + 1, 1)];
    for (let sub = 2; value.part(at + 1, sub) !== ''; sub += 1) parts.push(value.part(at + 1, sub));
    return parts;
  });
  return { text: value.text, components };
}

/** Nothing is an answer: then the row does nothing. */
function resultOf(json: unknown): Result {
  const { result } = JSON.parse(String(json)) as { result?: Exclude<Result, undefined> | null };
  return result ?? '';
}
