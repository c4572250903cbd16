/** Parsing: an ADT parsed and 30 fields read, by Weir, by a plain split, and by the packages there are. */
import { type Child, startChild } from './child.ts';
import type { Context } from './context.ts';
import { adt } from './messages.ts';
import { readers } from './readers.ts';
import { median, type Row } from './table.ts';

/** Each library in a process of its own, rounds in turn: none runs on code that the compiler fitted to another, all meet the same noise. */
export async function parse({ quick, started, progress }: Context): Promise<Row[]> {
  const children = new Map<string, Child>();
  for (const name of Object.keys(readers)) children.set(name, await startChild(import.meta.url, [name], started));
  const expected = (await children.get('plain split')?.ask<string[]>({ kind: 'values' })) ?? [];
  for (const [name, child] of children) {
    const values = await child.ask<string[]>({ kind: 'values' });
    const other = values.filter((value, index) => value !== expected[index]).length;
    if (other > 0) progress(`${name} reads ${other} of ${values.length} values otherwise than the plain split`);
  }
  const rates = new Map<string, number[]>();
  for (let round = 0; round < (quick ? 2 : 7); round++) {
    progress(`parse: round ${round + 1}`);
    for (const [name, child] of children) {
      const rate = await child.ask<number>({ kind: 'round', milliseconds: quick ? 100 : 300 });
      rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  }
  for (const child of children.values()) await child.stop();
  return rowsOf((name) => median(rates.get(name) ?? []));
}

function rowsOf(rate: (name: string) => number): Row[] {
  const weir = rate('Weir');
  const row = (reference: string, ratio?: number): Row => ({
    what: 'parse an ADT, read 30 fields',
    reached: weir,
    unit: '/s',
    reference: { what: reference, value: rate(reference) },
    ...(ratio === undefined ? {} : { budget: { ratio } }),
  });
  return [
    row('plain split', 90_000 / 95_000),
    row('hl7v2', 10),
    row('@medplum/core', 4),
    row('node-hl7-client'),
    { what: 'the same, paths given as text', reached: rate('Weir, paths as text'), unit: '/s' },
  ];
}

type Question = { readonly kind: 'values' } | { readonly kind: 'round'; readonly milliseconds: number };

/** The child: one library. The first half of each round's time goes to warming up. */
async function serve(name: string): Promise<void> {
  const read = await readers[name]?.();
  if (!read) throw new Error(`no library of the name ${name}`);
  const texts = Array.from({ length: 64 }, (_, number) => adt(number));
  const run = (milliseconds: number): number => {
    const begun = performance.now();
    let [count, length] = [0, 0];
    do {
      for (const text of texts) length += read(text)[8]?.length ?? 0;
      count += texts.length;
    } while (performance.now() - begun < milliseconds);
    // The values are looked at, so that reading them cannot be left out.
    if (length === 0) throw new Error(`${name} read nothing`);
    return (count / (performance.now() - begun)) * 1_000;
  };
  process.on('message', (question: Question) => {
    if (question.kind === 'values') process.send?.(read(texts[1] ?? ''));
    else {
      run(question.milliseconds / 2);
      process.send?.(run(question.milliseconds));
    }
  });
  process.send?.('ready');
}

if (import.meta.main) await serve(process.argv[2] ?? '');
