import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInbox } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import { openDesk } from './desk.ts';
import type { Incoming, More } from './incoming.ts';
import { openIntake } from './intake.ts';
import { confirmReply, noteReplies, type ReplyNote, repliesSettled, replyAgain, sweepReplies, takeReplies } from './replies.ts';

let db: Db;
let channels = 0;
let number = 0;

beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

function openChannel() {
  const channel = `r${channels++}`;
  const intake = openIntake(db, () => {});
  const desk = openDesk({ db, ring: () => {}, channels: () => [], parkedText: 'by hand' });
  return {
    channel,
    desk,
    add(more: More, change: Partial<Incoming> = {}) {
      const controlId = `${++number}`;
      const raw = Buffer.from(`MSH|${controlId}`);
      const about = { channel, receivedAt: new Date(), peer: '', sender: 'A^B', type: 'ADT^A01', controlId, raw };
      return intake.add({
        ...about,
        ack: Buffer.from('ACK'),
        lanes: ['p'],
        refused: null,
        duplicatesWithin: 60_000,
        more,
        ...change,
      });
    },
    reply: async (id: string) => (await desk.message(id))?.reply,
    figures: async () => (await desk.figures()).find((line) => line.channel === channel),
  };
}

const take = (channel: string, senders: string[] | null) => takeReplies(db, channel, { senders, limit: 10, hold: 60_000 });
const sent = (reply: ReplyNote['reply'], due: Date | null = null): ReplyNote => ({
  reply,
  state: 'sent',
  code: 'AA',
  body: Buffer.from('MSA'),
  due,
  cause: null,
});

describe('an application ACK that is owed', () => {
  it('is written with its message, becomes ready with the outcome, and is taken by one', async () => {
    const { channel, desk, add, reply, figures } = openChannel();
    const kept = await add({ reply: 'own-1' });
    expect(await reply(kept.id)).toMatchObject({ state: 'owed', controlId: 'own-1', attempts: 0, due: null });
    expect(await repliesSettled(db, [kept], [])).toBe(false);
    await desk.park(kept.id);
    expect(await repliesSettled(db, [kept], [])).toBe(true);
    expect(await take(channel, ['X^Y'])).toEqual([]);
    const both = await Promise.all([take(channel, ['A^B']), take(channel, null)]);
    const [taken, ...more] = both.flat();
    expect(more).toEqual([]);
    expect(taken).toMatchObject({ controlId: 'own-1', state: 'parked', causeCode: 'parked-by-hand', attempts: 1, body: null });
    expect(taken?.raw.toString()).toBe(`MSH|${number}`);
    expect((await figures())?.unanswered).toBe(1);
    await noteReplies(db, [sent(kept)]);
    expect(await reply(kept.id)).toMatchObject({ state: 'sent', code: 'AA', due: null, text: 'MSA' });
    expect((await figures())?.unanswered).toBe(0);
  });

  it('that could not leave stays ready and counted; sent again it keeps its bytes', async () => {
    const { channel, add, desk, reply, figures } = openChannel();
    const kept = await add({ reply: 'own-2' });
    await desk.park(kept.id);
    await repliesSettled(db, [kept], []);
    await take(channel, null);
    await noteReplies(db, [{ ...sent(kept), state: 'unsent', due: new Date() }]);
    expect(await reply(kept.id)).toMatchObject({ state: 'ready', attempts: 1 });
    expect((await figures())?.unanswered).toBe(1);
    const [again] = await take(channel, null);
    expect(again?.body?.toString()).toBe('MSA');
    await noteReplies(db, [sent(kept)]);
    await replyAgain(db, kept.id, kept.day);
    expect((await take(channel, null)).map(({ id }) => id)).toEqual([kept.id]);
    await noteReplies(db, [sent(kept)]);
    expect((await figures())?.unanswered).toBe(0);
  });

  it('that was on its way when its message came again is sent once more', async () => {
    const { channel, add, desk } = openChannel();
    const kept = await add({ reply: `own-${++number}` });
    await desk.park(kept.id);
    await repliesSettled(db, [kept], []);
    await take(channel, null);
    await replyAgain(db, kept.id, kept.day);
    await noteReplies(db, [sent(kept)]);
    expect((await take(channel, null)).map(({ id }) => id)).toEqual([kept.id]);
    await noteReplies(db, [sent(kept)]);
    expect(await take(channel, null)).toEqual([]);
  });

  it('that could not leave says why, until it has left', async () => {
    const { channel, add, desk, reply } = openChannel();
    const kept = await add({ reply: `own-${++number}` });
    await desk.park(kept.id);
    await repliesSettled(db, [kept], []);
    await take(channel, null);
    const cause = { code: 'deliver-unreachable', text: 'no way there' } as const;
    await noteReplies(db, [{ ...sent(kept), state: 'unsent', due: new Date(), cause }]);
    expect(await reply(kept.id)).toMatchObject({ state: 'ready', cause });
    await take(channel, null);
    await noteReplies(db, [sent(kept)]);
    expect(await reply(kept.id)).toMatchObject({ state: 'sent', cause: null });
  });

  it.each([
    [{ positive: true, again: false }, 'confirmed', false],
    [{ positive: false, again: true }, 'sent', true],
    [{ positive: false, again: false }, 'rejected', false],
  ])('an accept ACK to it, %j: %s', async (answer, state, comesAgain) => {
    const { channel, add, desk, reply } = openChannel();
    const kept = await add({ reply: `own-${++number}` });
    const { controlId } = (await reply(kept.id)) ?? { controlId: '' };
    expect(await confirmReply(db, channel, controlId, answer)).toBe(false);
    await desk.park(kept.id);
    await repliesSettled(db, [kept], []);
    await take(channel, null);
    await noteReplies(db, [sent(kept, new Date(Date.now() + 60_000))]);
    expect(await confirmReply(db, 'another', controlId, answer)).toBe(false);
    expect(await confirmReply(db, channel, controlId, answer)).toBe(true);
    const after = await reply(kept.id);
    expect(after?.state).toBe(state);
    expect(after?.due !== null).toBe(comesAgain);
  });

  it.each([
    ['the note that it was sent comes first', [0, 1]],
    ['its confirmation comes first', [1, 0]],
    ['both come at once', null],
  ])('is counted once: %s', async (_, order) => {
    const { channel, add, desk, figures, reply } = openChannel();
    const controlId = `own-${++number}`;
    const kept = await add({ reply: controlId });
    await desk.park(kept.id);
    await repliesSettled(db, [kept], []);
    await take(channel, null);
    const steps = [
      () => noteReplies(db, [sent(kept, new Date())]),
      () => confirmReply(db, channel, controlId, { positive: true, again: false }),
    ];
    if (order === null) await Promise.all(steps.map((step) => step()));
    else for (const at of order) await steps[at]?.();
    expect(await reply(kept.id)).toMatchObject({ state: 'confirmed', due: null });
    expect((await figures())?.unanswered).toBe(0);
  });

  it('a crash between outcome and reply loses nothing: the sweep finds it, a part at a time', async () => {
    const { channel, add, desk } = openChannel();
    const kept = [];
    for (let at = 0; at < 5; at++) kept.push(await add({ reply: `sweep-${at}` }));
    for (const { id } of kept.slice(0, 3)) await desk.park(id);
    const seen = new Set<string>();
    let after = '0';
    do {
      const { last, channels: owing } = await sweepReplies(db, [], after, 2);
      for (const name of owing) seen.add(name);
      after = last ?? '0';
    } while (after !== '0');
    expect(seen).toContain(channel);
    expect((await take(channel, null)).map(({ id }) => id)).toEqual(kept.slice(0, 3).map(({ id }) => id));
  });

  it('is ready at once for a message that is settled already, and none for one whose rejection answers it', async () => {
    const { channel, add, reply, figures } = openChannel();
    const refused = { code: 'listen-type', text: 'no' } as const;
    const silent = await add({ reply: 'own-a' }, { refused, ack: null });
    const answered = await add({ reply: 'own-b' }, { refused });
    const filtered = await add({ reply: 'own-c', filtered: 'no data' });
    expect((await reply(silent.id))?.state).toBe('ready');
    expect(await reply(answered.id)).toBeNull();
    expect((await reply(filtered.id))?.state).toBe('ready');
    expect((await take(channel, null)).map(({ state }) => state)).toEqual(['refused', 'filtered']);
    expect(await figures()).toMatchObject({ received: 1, filtered: 1, refused: 2, waiting: 0 });
  });
});

describe('the same control id with other content', () => {
  const conflict = { does: 'reject', ack: Buffer.from('AR'), code: 'AR', text: 'another' } as const;
  const about = (content: string) => ({ controlId: 'same', raw: Buffer.from(content) });

  it('is seen within its window only, between messages that were taken', async () => {
    const { add, desk, figures } = openChannel();
    const first = await add({ conflict }, about('one'));
    const second = await add({ conflict }, about('two'));
    expect(second).toMatchObject({ rejected: true, duplicate: false });
    expect(second.ack?.toString()).toBe('AR');
    expect(await desk.message(second.id)).toMatchObject({ state: 'refused', ackText: 'AR', conflict: first.id });
    // What was rejected is no message to be in conflict with, nor the first copy of a duplicate.
    expect(await add({ conflict }, about('two'))).toMatchObject({ rejected: true, duplicate: false });
    expect(await add({ conflict }, about('one'))).toMatchObject({ id: first.id, duplicate: true });
    expect(await add({ conflict }, { ...about('three'), duplicatesWithin: 1 })).toMatchObject({ rejected: false });
    expect(await figures()).toMatchObject({ received: 2, refused: 2, duplicates: 1, conflicts: 2 });
  });

  it('is known by another path where the channel says so', async () => {
    const { add, figures } = openChannel();
    const first = await add({ conflict, knownBy: 'K1' }, { raw: Buffer.from('one') });
    expect(await add({ conflict, knownBy: 'K1' }, { raw: Buffer.from('one') })).toMatchObject({ id: first.id, duplicate: true });
    expect(await add({ conflict, knownBy: 'K1' }, { raw: Buffer.from('two') })).toMatchObject({ rejected: true });
    const [third, again] = await Promise.all([
      add({ conflict, knownBy: 'K2' }, { controlId: 'same', raw: Buffer.from('one') }),
      add({ conflict, knownBy: 'K3' }, { controlId: 'same', raw: Buffer.from('one') }),
    ]);
    expect([third?.duplicate, again?.duplicate]).toEqual([false, false]);
    expect(await figures()).toMatchObject({ received: 3, refused: 1, duplicates: 1, conflicts: 1 });
  });

  it('a message without a control id is in conflict with none', async () => {
    const { add, figures } = openChannel();
    for (const content of ['one', 'two']) await add({ conflict }, { controlId: '', raw: Buffer.from(content) });
    expect(await figures()).toMatchObject({ received: 2, conflicts: 0 });
  });

  it('a message that is parked for it holds its lane where the channel says so', async () => {
    const { channel, add } = openChannel();
    const park = { does: 'park', hold: true, text: 'another' } as const;
    await add({ conflict: park }, about('one'));
    await add({ conflict: park }, about('two'));
    const statement = { name: 'test-held', text: `select lane from hold where queue = 'map/' || $1 and until = 'infinity'` };
    expect(await db.query(statement, [channel])).toEqual([{ lane: 'p' }]);
  });
});

it('what was refused is taken when it comes again and the channel takes it now', async () => {
  const { add, figures } = openChannel();
  const refused = { code: 'listen-type', text: 'no' } as const;
  const about = { controlId: 'later', raw: Buffer.from('MSH|later'), more: undefined };
  await add({}, { ...about, refused, ack: Buffer.from('AR') });
  expect(await add({}, about)).toMatchObject({ duplicate: false });
  expect(await figures()).toMatchObject({ received: 1, refused: 1 });
});
