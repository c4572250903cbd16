/** A real engine process for the bench, and what it says of itself. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../test/support/temp.ts';
import { prepareWeir } from '../test/support/weir.ts';
import type { Context } from './context.ts';

export interface Engine {
  /** Port of the channel `feed`. */
  readonly port: number;
  /** Resident memory of the engine's process, MB. */
  memory(): Promise<number>;
  figures(): Promise<Figures>;
  /** Waits until so few messages wait. Rejects when one is parked, or nothing moves for half a minute. */
  settle(waiting?: number): Promise<void>;
  /** What it printed. */
  output(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its data. */
  end(): Promise<void>;
}

export interface Figures {
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly waiting: number;
  readonly parked: number;
}

/** An engine on the channel files of `bench/channels/NAME`, with a data folder of its own; `start` starts it. */
export async function prepareEngine(
  name: 'acks' | 'flow',
  { started, profile }: Context,
  env: Readonly<Record<string, string>> = {},
): Promise<Engine> {
  const folder = await openFolder('bench-engine');
  const options = profile === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir="${profile}"` };
  const weir = await prepareWeir({
    channels: join(import.meta.dirname, 'channels', name),
    ports: ['FEED_PORT'],
    dataDir: join(folder.path, 'data'),
    env: { ...options, ...env },
  });
  const end = started.add(async () => {
    await weir.stop();
    await folder.remove();
  });
  const figures = async (): Promise<Figures> => {
    const { channels } = await get<{ channels: Figures[] }>(`${weir.http}/api/channels`);
    return channels[0] as Figures;
  };
  return {
    port: weir.ports.FEED_PORT ?? 0,
    figures,
    end,
    output: () => weir.output(),
    start: () => weir.start(),
    stop: async () => void (await weir.stop()),
    async memory() {
      const text = await (await fetch(`${weir.http}/metrics`)).text();
      return Number(/^weir_process_memory_bytes\{kind="resident"\} (\S+)/m.exec(text)?.[1]) / 1e6;
    },
    async settle(waiting = 0) {
      let [last, changed] = [-1, Date.now()];
      for (; ; await sleep(50)) {
        const now = await figures();
        if (now.parked > 0) throw new Error(`${now.parked} messages are parked: ${await whyParked(weir.http)}`);
        if (now.waiting <= waiting) return;
        if (now.waiting !== last) [last, changed] = [now.waiting, Date.now()];
        if (Date.now() - changed > 30_000) throw new Error(`${now.waiting} messages wait and nothing moves:\n${weir.output()}`);
      }
    },
  };
}

/** A folder that the database's user can pass through, where that is another than ours. */
export async function openFolder(name: string): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await tempFolder(name);
  await chmod(folder.path, 0o711);
  await mkdir(join(folder.path, 'data'), { mode: 0o711 });
  return folder;
}

async function whyParked(http: string): Promise<string> {
  const { messages } = await get<{ messages: { cause: { text: string } | null }[] }>(`${http}/api/messages?state=parked&limit=1`);
  return messages[0]?.cause?.text ?? 'no cause is told';
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}
