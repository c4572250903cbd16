import type { Context } from './context.ts';
import type { Row } from './mapping.ts';
import { nothing, type RowFn } from './runtime.ts';
import { skipRule } from './skips.ts';
import { compileWhen } from './when.ts';

/** Without a condition the map as a whole has it; with one it is noted for the messages that meet it. */
export function compileSkip(context: Context, row: Row, name: string): RowFn | null {
  const rule = skipRule(row, name);
  if (rule === null) return null;
  if (row.when === undefined) {
    context.skips.push(rule);
    return null;
  }
  const test = compileWhen(context, row.when);
  const rules = [rule];
  return (frame) => {
    if (test(frame)) frame.run.skipped.push(rules, frame);
    return nothing;
  };
}
