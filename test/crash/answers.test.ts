/**
 * Application ACKs under kill -9 (HL7 2.9, 2.9.3.2): every message whose accept ACK came gets its application ACK, once or more and always the
 * same one, however often the engine dies. CRASHES sets the number of kills.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Dialled, dial } from '../support/dial.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir } from '../support/weir.ts';

const KILLS = Math.ceil(Number(process.env.CRASHES ?? 20) / 3);

it(`${KILLS} kills of the engine`, async () => {
  await using data = await tempFolder('crash-answers');
  const weir = await prepareWeir({ channels: join(import.meta.dirname, 'answers'), ports: ['ADT_PORT'], dataDir: data.path });
  await weir.start();
  const feed = startFeed(() => weir.ports.ADT_PORT ?? 0);
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      await sleep(300 + Math.random() * 1_200);
      await weir.kill();
      await weir.start();
    }
    feed.last();
    const missing = () => [...feed.accepted].filter((id) => !feed.answers.has(id));
    for (const deadline = Date.now() + 120_000; Date.now() < deadline && missing().length > 0; ) await sleep(200);
    expect(missing()).toEqual([]);
    for (let unanswered = 1, end = Date.now() + 60_000; unanswered > 0; await sleep(200)) {
      const { channels } = (await (await fetch(`${weir.http}/api/channels`)).json()) as { channels: { unanswered: number }[] };
      unanswered = channels[0]?.unanswered ?? 0;
      if (Date.now() > end) expect(unanswered).toBe(0);
    }
    const several = [...feed.answers].filter(([, ids]) => ids.size > 1);
    expect(several).toEqual([]);
    console.log(`accepted ${feed.accepted.size}, application ACKs ${feed.heard()}`);
    expect(feed.accepted.size).toBeGreaterThan(KILLS);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : error}\n${weir.output().slice(-4_000)}`);
  } finally {
    await feed.stop();
    await weir.stop();
  }
}, 600_000);

/** A sender that keeps one connection as long as it lasts, confirms every application ACK, and sends each message until its accept ACK comes. */
function startFeed(port: () => number) {
  const accepted = new Set<string>();
  /** Control id of a message -> control ids of its application ACKs. */
  const answers = new Map<string, Set<string>>();
  let [number, heard, sending, stopped] = [0, 0, true, false];
  let peer: Dialled | null = null;

  function hear(frame: string): void {
    const [, code = '', id = ''] = /^MSA\|(\w+)\|(\w+)/m.exec(frame) ?? [];
    if (code === 'CA') accepted.add(id);
    if (code !== 'AA') return;
    heard++;
    const own = frame.split('|')[9] ?? '';
    answers.set(id, (answers.get(id) ?? new Set()).add(own));
    peer?.send(`MSH|^~\\&|FEED|TEST|WEIR|TEST|20260301||ACK^A08^ACK|c${heard}|P|2.5.1\rMSA|CA|${own}\r`);
  }

  async function run(): Promise<void> {
    let taken = 0;
    let waiting: string | null = null;
    while (!stopped) {
      peer ??= await dial(port()).catch(() => null);
      if (!peer) {
        await sleep(50);
        continue;
      }
      const current: Dialled = peer;
      if (waiting === null || !accepted.has(waiting)) waiting ??= `C${++number}`;
      else waiting = sending ? `C${++number}` : null;
      if (waiting) current.send(message(waiting));
      const deadline = Date.now() + 3_000;
      while (!stopped && Date.now() < deadline && (waiting === null || !accepted.has(waiting)) && !current.socket.destroyed) {
        while (taken < current.frames.length) hear(current.frames[taken++] as string);
        await sleep(2);
      }
      if (current.socket.destroyed) {
        peer = null;
        taken = 0;
      }
      await sleep(5);
    }
    peer?.close();
  }
  const running = run();
  return {
    accepted,
    answers,
    heard: () => heard,
    /** Sends nothing new from here on. */
    last: () => (sending = false),
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

function message(id: string): string {
  return [
    `MSH|^~\\&|FEED|TEST|WEIR|TEST|20260301120000||ADT^A08^ADT_A01|${id}|P|2.5.1|||AL|AL`,
    'EVN|A08|20260301120000',
    `PID|1||P${Number(id.slice(1)) % 20}^^^CRASH^MR||Doe^${id}||19800101|F`,
    `PV1|1|I|||||||||||||||||V${id}^^^CRASH^VN`,
    '',
  ].join('\r');
}
