/** What goes where: bundles and messages beside each other, replays that go elsewhere. Promises 2 and 3 hold for messages as for bundles. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshInbox } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import type { DeliverWork } from './deliver-work.ts';
import { openDesk } from './desk.ts';
import { drainDeliver } from './drain-deliver.ts';
import { drainMap } from './drain-map.ts';
import { openIntake } from './intake.ts';
import { acquireLease } from './lease.ts';
import type { MapOutcome, MapWork } from './map-work.ts';
import { shardsWithWork } from './upkeep.ts';

let db: Db;
let channels = 0;

beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

const raw = Buffer.from('MSH|^~\\&|raw\r\0\xff', 'latin1');
const edited = Buffer.from('MSH|^~\\&|edited\r');

type Taker = 'cdr' | 'lis' | 'archive';
const contents = { cdr: 'bundle', lis: 'message', archive: 'message' } as const;

/** A channel with a destination for bundles and two for messages; `lis` has edits. */
function openChannel() {
  const channel = `o${channels++}`;
  const destinations: readonly Taker[] = ['cdr', 'lis', 'archive'];
  const intake = openIntake(db, () => {});
  const desk = openDesk({ db, ring: () => {}, channels: () => [{ name: channel, destinations: [] }], parkedText: 'by hand' });
  const sent: string[] = [];
  let controlId = 0;
  return {
    desk,
    sent,
    add: (lanes: readonly string[]) =>
      intake.add({
        channel,
        receivedAt: new Date(),
        peer: 'test',
        sender: 'A^B',
        type: 'ADT^A01',
        controlId: `${controlId++}`,
        raw,
        ack: null,
        lanes,
        refused: null,
        duplicatesWithin: 0,
      }),
    figures: async () => (await desk.figures()).find((figures) => figures.channel === channel),
    /** Works until nothing is left; `to`: where a message goes. */
    async work(to: (work: MapWork) => readonly Taker[], takes: Readonly<Record<Taker, 'bundle' | 'message'>> = contents) {
      for (;;) {
        const shards = (await shardsWithWork(db)).filter((shard) => shard.queue.split('/')[1] === channel);
        if (shards.length === 0) return;
        for (const shard of shards) {
          const lease = await acquireLease(db, shard, 'test');
          if (!lease) throw new Error('no lease');
          const [stage, , name = ''] = shard.queue.split('/');
          const common = { db, channel, holdParked: false, ring: () => {} };
          if (stage === 'map') await drainMap({ ...common, destinations, map: (work) => outcome(to(work)) }, lease);
          else {
            const send = async (work: DeliverWork) => {
              sent.push(`${work.id} ${name} ${work.body === null ? 'nothing' : work.body.toString('latin1')}`);
              const attempt = { at: new Date(), status: null, ack: { code: 'AA', errors: [] }, milliseconds: 1, error: null };
              return { kind: 'delivered', attempt } as const;
            };
            const drain = {
              ...common,
              destination: name,
              takes: takes[name as Taker],
              concurrency: 4,
              send,
              stopping: () => false,
            };
            await drainDeliver(drain, lease);
          }
          await lease.release();
        }
      }
    },
  };
}

function outcome(to: readonly Taker[]): MapOutcome {
  if (to.length === 0) return { kind: 'filtered', cause: { code: 'filtered', text: 'not wanted' } };
  const onward = to.map((destination) => ({
    destination,
    content: contents[destination],
    body: destination === 'lis' ? edited : null,
  }));
  return { kind: 'mapped', mapping: 'ADT_A01', body: Buffer.from('{"a":1}'), onward };
}

it('each destination gets its own: the bundle, the message as edited for it, the message byte for byte as received', async () => {
  const { add, work, sent, desk, figures } = openChannel();
  const { id } = await add(['p']);
  await work(() => ['cdr', 'lis', 'archive']);
  expect(sent.toSorted()).toEqual([`${id} archive ${raw.toString('latin1')}`, `${id} cdr {"a":1}`, `${id} lis ${edited}`]);
  expect(await figures()).toMatchObject({ received: 1, delivered: 1, waiting: 0 });
  const { deliveries = [] } = (await desk.message(id)) ?? {};
  expect(deliveries.map(({ destination, content, sent }) => [destination, content, sent?.toString()])).toEqual([
    ['archive', 'message', raw.toString()],
    ['cdr', 'bundle', undefined],
    ['lis', 'message', edited.toString()],
  ]);
  expect(deliveries[0]?.attempts[0]).toMatchObject({ status: null, ack: { code: 'AA', errors: [] } });
});

it('a message goes to its own destinations only, and the sum holds (promise 2)', async () => {
  const { add, work, sent, figures } = openChannel();
  const ids: string[] = [];
  for (let turn = 0; turn < 6; turn++) ids.push((await add([`p${turn % 2}`])).id);
  const to = (id: string): readonly Taker[] => ([['lis'], ['cdr', 'archive'], []] as const)[ids.indexOf(id) % 3] ?? [];
  await work(({ id }) => to(id));
  const expected = ids.flatMap((id) => to(id).map((destination) => `${id} ${destination}`));
  expect(sent.map((line) => line.split(' ').slice(0, 2).join(' ')).toSorted()).toEqual(expected.toSorted());
  expect(await figures()).toMatchObject({ received: 6, delivered: 4, filtered: 2, waiting: 0 });
});

it('replayed to other destinations, it gives up its place at the former ones: the messages behind it go on (promise 3)', async () => {
  const { add, work, sent, desk, figures } = openChannel();
  const first = await add(['p', 'q']);
  await work(() => ['cdr', 'lis', 'archive']);
  sent.length = 0;
  await desk.replay(first.id);
  const behind = await add(['p']);
  const other = await add(['q']);
  await work(({ id }) => (id === first.id ? ['archive'] : ['lis', 'archive']));
  const of = (destination: string) => sent.filter((line) => line.includes(` ${destination} `)).map((line) => line.split(' ')[0]);
  expect(of('archive')[0]).toBe(first.id);
  expect(of('archive').toSorted()).toEqual([first.id, behind.id, other.id].toSorted());
  expect(of('lis').toSorted()).toEqual([behind.id, other.id].toSorted());
  expect(of('cdr')).toEqual([]);
  expect(await figures()).toMatchObject({ received: 3, delivered: 3, waiting: 0, parked: 0 });
});

it('replayed with other edits, it is sent as they leave it', async () => {
  const { add, work, sent, desk } = openChannel();
  const { id } = await add(['p']);
  await work(() => ['lis']);
  await desk.replay(id);
  await work(() => ['archive']);
  await desk.replay(id);
  await work(() => ['lis']);
  expect(sent).toEqual([`${id} lis ${edited}`, `${id} archive ${raw.toString('latin1')}`, `${id} lis ${edited}`]);
});

it('what waits for a destination that has become one of another kind comes without a body, in its order', async () => {
  const { add, work, sent } = openChannel();
  const { id } = await add(['p']);
  const second = await add(['p']);
  await work(() => ['cdr', 'lis'], { cdr: 'message', lis: 'bundle', archive: 'message' });
  expect(sent.filter((line) => line.includes('cdr'))).toEqual([`${id} cdr nothing`, `${second.id} cdr nothing`]);
  expect(sent.filter((line) => line.includes('lis'))).toEqual([`${id} lis nothing`, `${second.id} lis nothing`]);
});
