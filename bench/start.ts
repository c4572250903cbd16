/** How long a start takes, from the command to /readyz: with an empty data folder, and on the same one again. */
import type { Context } from './context.ts';
import { prepareEngine } from './engine.ts';
import { median, type Row } from './table.ts';

export async function start(context: Context): Promise<Row[]> {
  const [first, later]: [number[], number[]] = [[], []];
  const rounds = context.quick ? 1 : 3;
  for (let round = 0; round < rounds; round++) {
    context.progress(`start: round ${round + 1} of ${rounds}`);
    const engine = await prepareEngine('flow', context, { SINK_URL: 'http://127.0.0.1:9/fhir' });
    first.push(await secondsOf(engine.start));
    for (let again = 0; again < (context.quick ? 1 : 2); again++) {
      await engine.stop();
      later.push(await secondsOf(engine.start));
    }
    await engine.end();
  }
  return [
    { what: 'ready, the first time', reached: median(first), unit: 's', budget: { under: 5 } },
    { what: 'ready, after that', reached: median(later), unit: 's', budget: { under: 1 } },
  ];
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
