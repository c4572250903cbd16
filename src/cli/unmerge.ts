/** `weir unmerge`: takes back what a message merged, asked of the running engine. */
import { defineCommand } from 'citty';
import { readSettings } from '../settings.ts';

export default defineCommand({
  meta: {
    name: 'unmerge',
    description:
      'Take back what a message merged: the patient who was given up is active again, as was told of that patient last',
  },
  args: {
    id: { type: 'positional', description: 'Number of the message that merged, as the page shows it', required: true },
    by: { type: 'string', description: 'Who takes it back; kept with the message', required: true },
    reason: { type: 'string', description: 'Why; kept with the message and sent nowhere', required: true },
    url: { type: 'string', description: 'Address of the engine; from WEIR_HTTP unless given' },
    json: { type: 'boolean', description: 'For a machine to read' },
  },
  async run({ args }) {
    const { http } = readSettings(process.env);
    const base = args.url ?? `http://${http.host}:${http.port}`;
    const answer = await ask(new URL(`/api/messages/${encodeURIComponent(args.id)}/unmerge`, base), args);
    if (answer === null) {
      console.error(`weir: no engine answers at ${base}; start it with npm start, or say where it is with --url`);
      process.exitCode = 2;
      return;
    }
    if (args.json) console.log(JSON.stringify(answer));
    else if ('messages' in answer) console.log(`Message ${args.id} is taken back by message ${answer.messages.join(' and ')}.`);
    else console.error(`weir: ${answer.text}.`);
    if (!('messages' in answer)) process.exitCode = 1;
  },
});

type Answer = { readonly messages: readonly string[] } | { readonly code: string; readonly text: string };

async function ask(url: URL, { by, reason }: { readonly by: string; readonly reason: string }): Promise<Answer | null> {
  try {
    const body = JSON.stringify({ by, reason });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()) as Answer;
  } catch {
    return null;
  }
}
