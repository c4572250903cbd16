/** Offline mapping: messages in, bundles and edited messages out, by the same functions as the engine. Nothing is stored or sent. */
import { once } from 'node:events';
import { defineCommand } from 'citty';
import { misuse } from './input.ts';
import { type MapLine, mapLine } from './map-line.ts';
import { mapMessages } from './mapped.ts';
import { openPlan, planArgs } from './plan.ts';

export default defineCommand({
  meta: {
    name: 'map',
    description:
      'Map messages to FHIR bundles, offline; by a channel also edit them as its MLLP destinations get them. Exit 1 when one of them could not be mapped',
  },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'Files, each of one message, many, a batch or MLLP frames; - is standard input',
    },
    ...planArgs,
    ndjson: { type: 'boolean', description: 'One line of JSON a message, also for those that fail' },
  },
  async run({ args }) {
    if (args._.length === 0) return misuse('No file was given; name one or more, or - for standard input');
    const plan = await openPlan(args);
    if (plan === null) return;
    for await (const mapped of mapMessages(args._, plan)) {
      const line = mapLine(mapped);
      if (args.ndjson) await write(`${JSON.stringify(line)}\n`);
      else await show(line);
    }
  },
});

/** For people: the bundle, and each edited message, on standard output, what is wrong on standard error. */
async function show(line: MapLine): Promise<void> {
  if (line.bundle !== null) await write(`${JSON.stringify(line.bundle, null, 2)}\n`);
  for (const { destination, text, changes } of line.messages ?? []) {
    const what = changes.length === 0 ? 'as received' : `changed: ${changes.map(({ path }) => path).join(', ')}`;
    process.stderr.write(`${line.source} to ${destination}, ${what}.\n`);
    await write(`${text.replace(/\r\n?/g, '\n').trimEnd()}\n`);
  }
  if (line.error !== null) process.stderr.write(`${line.source}: ${line.error.text}.\n`);
  for (const { severity, path, text } of line.issues) process.stderr.write(`${line.source} ${path} ${severity}: ${text}.\n`);
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
