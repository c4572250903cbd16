/** `weir status`: each channel's figures, asked of the running engine. */
import { defineCommand } from 'citty';
import { readSettings } from '../settings.ts';

interface Figures {
  readonly name: string;
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly waiting: number;
  readonly parked: number;
  readonly refused: number;
  readonly oldestWaiting: string | null;
  readonly lastHeard: string | null;
  readonly tls: { readonly problem: string | null } | null;
}

const columns = ['channel', 'received', 'delivered', 'filtered', 'waiting', 'parked', 'refused', 'oldest', 'last heard'];

export default defineCommand({
  meta: { name: 'status', description: "Show each channel's figures; exit 1 when something is parked" },
  args: {
    url: { type: 'string', description: 'Address of the engine; from WEIR_HTTP unless given' },
    json: { type: 'boolean', description: 'For a machine to read' },
  },
  async run({ args }) {
    const { http } = readSettings(process.env);
    const base = args.url ?? `http://${http.host}:${http.port}`;
    const channels = await ask(base);
    if (channels === null) {
      console.error(`weir: no engine answers at ${base}; start it with npm start, or say where it is with --url`);
      process.exitCode = 2;
      return;
    }
    console.log(args.json ? JSON.stringify({ channels }) : table(channels, new Date()));
    for (const { name, tls } of channels) if (tls?.problem) console.error(`${name}: ${tls.problem}.`);
    if (channels.some(({ parked }) => parked > 0)) process.exitCode = 1;
  },
});

async function ask(base: string): Promise<Figures[] | null> {
  try {
    const response = await fetch(new URL('/api/channels', base));
    if (!response.ok) return null;
    return ((await response.json()) as { channels: Figures[] }).channels;
  } catch {
    return null;
  }
}

function table(channels: readonly Figures[], now: Date): string {
  const rows = channels.map((figures) => [
    figures.name,
    ...[figures.received, figures.delivered, figures.filtered, figures.waiting, figures.parked, figures.refused].map(String),
    age(figures.oldestWaiting, now),
    age(figures.lastHeard, now),
  ]);
  const widths = columns.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [columns, ...rows].map((row) => row.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  ')).join('\n');
}

function pad(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function age(time: string | null, now: Date): string {
  if (time === null) return '-';
  const seconds = Math.max(Math.round((now.getTime() - Date.parse(time)) / 1_000), 0);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
