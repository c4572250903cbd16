/** The rows of maps whose type is a primitive: they give a value in place of writing it. */

import { compileSkip } from './compile-skip.ts';
import { overText, primitive } from './compile-value.ts';
import { type Context, rowName, within } from './context.ts';
import { compileConversion, conversion } from './convert.ts';
import type { Row } from './mapping.ts';
import type { ValueFn } from './runtime.ts';
import { isOn } from './settings.ts';
import { compileSource, sameValue } from './source.ts';
import { compileSet, converted } from './template.ts';
import { isConstant } from './trace.ts';
import { compileWhen } from './when.ts';

/** Rows of a map whose type is a primitive: the first that has a value gives it. */
export function compileValueRows(context: Context, rows: readonly Row[]): ValueFn {
  const compiled = rows.map((row) => compileValueRow(context, row)).filter((row) => row !== null);
  return (frame) => {
    for (const read of compiled) {
      const value = read(frame);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function compileValueRow(context: Context, row: Row): ValueFn | null {
  const name = rowName(context.map, row);
  if (row.skip !== undefined) {
    const skip = compileSkip(context, row, name);
    return skip === null ? null : (frame) => void skip(frame, { object: {}, filling: 0, slots: [], levels: [] });
  }
  if (row.setting !== undefined && !isOn(context.compiler.settings, row.setting)) return null;
  const test = row.when === undefined ? null : compileWhen(context, row.when);
  const read = compileRead(context, row, name);
  return test === null ? read : (frame) => (test(frame) ? read(frame) : undefined);
}

function compileRead(context: Context, row: Row, name: string): ValueFn {
  const { compiler, type } = context;
  if (row.set !== undefined) {
    const set = compileSet(context, row.set, name);
    if (set.kind === 'template') {
      const read = row.use === undefined ? set.read : overText(compiler, row.use, set.read, name);
      return converted(read, conversion(type, compiler.zone));
    }
    const own = sameValue(context, name);
    return (frame) => {
      const value = own.at(frame, 1);
      if (value === null) return undefined;
      frame.run.mark(value, isConstant, 0);
      return set.value;
    };
  }
  const source = row.from === undefined ? sameValue(context, name) : compileSource(context, row.from, name);
  const inner = within(context, source.level);
  const read = row.with === undefined ? simple(context, row, source.level.datatype) : compileValueRows(inner, row.with);
  return (frame) => {
    const value = source.at(frame, 1);
    return value === null || value.text === '""' ? undefined : read(value);
  };
}

/** The whole value as it is (`from: $value`) goes the built-in way: the map that it would lead to is this one. */
function simple({ compiler, type }: Context, row: Row, datatype: string): ValueFn {
  const builtIn =
    row.from === '$value' && row.as === undefined && row.vocab === undefined && row.use === undefined
      ? compileConversion(datatype, type, compiler.zone)
      : null;
  return builtIn ?? primitive(compiler, row, datatype, type);
}
