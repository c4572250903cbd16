import type { Context } from './context.ts';
import type { KeyValues } from './made.ts';
import type { Key } from './mapping.ts';
import { literalOf } from './match.ts';
import type { Frame } from './runtime.ts';
import { compileSource, type Source } from './source.ts';

export type KeyFn = (frame: Frame) => KeyValues | null;

/**
 * Compiles a `key`: reads the values that make a resource the same one. Null where they say nothing, so that identity goes by identifier
 * or place.
 * @param step whether a step makes the resource: then a repetition of the key within a message is another one, unless the key says not
 */
export function compileKey(context: Context, key: Key | undefined, step: boolean, row: string): KeyFn | null {
  if (key === undefined) return null;
  const first = (key.first ?? []).map((path) => compileSource(context, path, row));
  const by = (key.by ?? []).map((path) => literalOf(path) ?? compileSource(context, path, row));
  const authority = (key.authority ?? []).map((path) => compileSource(context, path, row));
  const counted = step && key.same !== true;
  const search = key.search ?? [];
  const of = key.of === undefined ? null : key.of.map((name) => context.compiler.name(name));
  return (frame) => {
    const values: string[] = [];
    if (first.length > 0) {
      const found = firstValue(first, frame);
      if (found === '') return null;
      values.push(found);
    }
    let valued = first.length > 0 || of !== null;
    for (const source of by) {
      // A text that stands for itself tells siblings apart, but is no value.
      if (typeof source === 'string') {
        values.push(source);
        continue;
      }
      const value = keyText(source, frame);
      if (value !== '') valued = true;
      values.push(value);
    }
    if (!valued) return null;
    // A number without an authority means something to the facility that sent it, and to no other.
    if (authority.length > 0 && authority.every((source) => keyText(source, frame) === ''))
      values.push(`at ${facilityOf(frame)}`);
    const { group } = frame;
    return {
      values,
      of: of === null ? null : of.map((name) => ({ name, group, made: group.find(name) })),
      counted,
      step,
      search,
    };
  };
}

/** MSH-4 of the message. */
function facilityOf({ run }: Frame): string {
  return run.sender.slice(run.sender.indexOf('^') + 1);
}

function firstValue(sources: readonly Source[], frame: Frame): string {
  for (const [index, source] of sources.entries()) {
    const value = keyText(source, frame);
    // The alternative is part of the value: a filler number is not the placer number that it equals.
    if (value !== '') return `${index}:${value}`;
  }
  return '';
}

/** The text at a path, whatever delimiters the message has: the key must be the same in every message. */
function keyText(source: Source, frame: Frame): string {
  const value = source.at(frame, 1);
  if (value === null || value.text === '""') return '';
  const { run } = frame;
  const { component, subcomponent } = run.delimiters;
  const { text } = value;
  run.trace.consumed(value, '', value.component, value.subcomponent);
  const divided = (component !== '' && text.includes(component)) || (subcomponent !== '' && text.includes(subcomponent));
  if (!divided) return text.trim();
  const parts = component === '' ? [text] : text.split(component);
  const standard = parts.map((part) => trimEnd(subcomponent === '' ? part : part.split(subcomponent).join('&'), '&'));
  return trimEnd(standard.join('^'), '^');
}

function trimEnd(text: string, mark: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === mark) end -= 1;
  return text.slice(0, end);
}
