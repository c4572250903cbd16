/** What senders are answered beyond "it is stored": application ACKs, deferred ACKs, conflicts of control ids, commit blocks. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startListener } from '../../src/listen/listener.ts';
import { type PlayedDestination, playDestination } from '../support/destination.ts';
import { type Dialled, dial } from '../support/dial.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let destination: PlayedDestination;
let weir: Weir;
let remove: () => Promise<void>;
let number = 0;
const open: Dialled[] = [];

const ports = [
  'DELIVERED_PORT',
  'MAPPED_PORT',
  'DEFERRED_PORT',
  'PARKING_PORT',
  'RELEASE2_PORT',
  'SEQUENCE_PORT',
  'ELSEWHERE_PORT',
  'REPLY_PORT',
];

beforeAll(async () => {
  const data = await tempFolder('answers');
  remove = data.remove;
  destination = await playDestination();
  const channels = join(import.meta.dirname, 'answers');
  weir = await prepareWeir({ channels, ports, dataDir: data.path, env: { FLOW_FHIR: destination.url } });
  await weir.start();
}, 90_000);
afterAll(async () => {
  await weir?.stop();
  await destination?.stop();
  await remove?.();
});
beforeEach(() => destination.behave(() => 'ok'));
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function sender(port: string): Promise<Dialled> {
  const dialled = await dial(weir.ports[port] ?? 0);
  open.push(dialled);
  return dialled;
}

interface Parts {
  readonly id?: string;
  readonly event?: string;
  readonly patientClass?: string;
  readonly name?: string;
  readonly from?: string;
  readonly type?: string;
}

/** An ADT with MSH-15 and MSH-16. */
function adt(accept: string, application: string, parts: Parts = {}): string {
  const { id = `A${++number}`, event = 'A01', patientClass = 'I', name = 'Doe', from = 'EHR|MERCY', type = 'ADT' } = parts;
  return [
    `MSH|^~\\&|${from}|WEIR|X|20260301120000||${type}^${event}^ADT_A01|${id}|P|2.5.1|||${accept}|${application}`,
    'EVN|A01|20260301120000',
    `PID|1||answers-${id}^^^MERCY^MR||${name}^Given||19800101|F`,
    `PV1|1|${patientClass}|||||||||||||||||V${id}^^^MERCY^VN`,
    '',
  ].join('\r');
}
const msa = (frame: string): string => /^MSA\|.*$/m.exec(frame)?.[0] ?? frame;
const field = (frame: string, at: number): string => frame.split('\n')[0]?.split('|')[at - 1] ?? '';

interface Line {
  readonly id: string;
  readonly controlId: string;
  readonly state: string;
  readonly cause: { code: string } | null;
}
interface Detail extends Line {
  readonly reply: { state: string; code: string | null; controlId: string; attempts: number; text: string | null } | null;
  readonly conflict: string | null;
  readonly ackText: string | null;
}

async function api<T>(path: string, method = 'GET'): Promise<T> {
  const response = await fetch(`${weir.http}/api${path}`, { method });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The newest message of a control id, when it is as wanted. */
async function message(controlId: string, wanted: (detail: Detail) => boolean): Promise<Detail> {
  for (const deadline = Date.now() + 20_000; ; await sleep(25)) {
    const { messages } = await api<{ messages: Line[] }>('/messages?limit=200');
    const line = messages.find((one) => one.controlId === controlId);
    const detail = line && (await api<Detail>(`/messages/${line.id}`));
    if (detail && wanted(detail)) return detail;
    if (Date.now() > deadline) throw new Error(`waited in vain; last: ${JSON.stringify(detail)}\n${weir.output()}`);
  }
}

async function figures(channel: string): Promise<Record<string, number>> {
  const { channels } = await api<{ channels: (Record<string, number> & { name: string })[] }>('/channels');
  return channels.find(({ name }) => name === channel) ?? {};
}

describe('the application ACK (HL7 2.9, 2.9.3.2)', () => {
  it('follows on the same connection when the message is delivered, with a header of its own', async () => {
    const peer = await sender('DELIVERED_PORT');
    let held = true;
    destination.behave(() => (held ? { status: 503 } : 'ok'));
    peer.send(adt('AL', 'AL', { id: 'app-1' }));
    const accept = await peer.next();
    expect(msa(accept)).toBe('MSA|CA|app-1');
    expect((await message('app-1', ({ reply }) => reply !== null)).reply).toMatchObject({ state: 'owed', code: null });
    expect((await figures('delivered')).unanswered).toBe(1);
    held = false;
    const application = await peer.next();
    expect(msa(application)).toBe('MSA|AA|app-1');
    expect(field(application, 9)).toBe('ACK^A01^ACK');
    expect(field(application, 10)).not.toBe(field(accept, 10));
    expect([field(application, 15), field(application, 16)]).toEqual(['NE', 'NE']);
    const { reply } = await message('app-1', (detail) => detail.reply?.state === 'sent');
    expect(reply).toMatchObject({ code: 'AA', controlId: field(application, 10), attempts: 1 });
    expect((await figures('delivered')).unanswered).toBe(0);
  });

  it.each([
    ['delivered', 'A01', 'I', 'AA'],
    ['filtered', 'A08', 'P', 'AA'],
    ['parked', 'A99', 'I', 'AE'],
  ])('a message that is %s', async (state, event, patientClass, code) => {
    const peer = await sender('DELIVERED_PORT');
    const id = `state-${state}`;
    peer.send(adt('NE', 'AL', { id, event, patientClass }));
    const frame = await peer.next();
    expect(msa(frame)).toMatch(new RegExp(`^MSA\\|${code}\\|${id}(\\||$)`));
    if (code === 'AE') expect(frame).toContain('|route-none|');
    await message(id, (detail) => detail.state === state && detail.reply?.state === 'sent');
  });

  it('ER hears of failures only, SU of success only (table 0155)', async () => {
    const peer = await sender('DELIVERED_PORT');
    peer.send(adt('NE', 'ER', { id: 'er-good' }));
    peer.send(adt('NE', 'SU', { id: 'su-bad', event: 'A99' }));
    await message('er-good', ({ reply }) => reply?.state === 'not-needed');
    await message('su-bad', ({ reply }) => reply?.state === 'not-needed');
    peer.send(adt('NE', 'ER', { id: 'er-bad', event: 'A99' }));
    expect(msa(await peer.next())).toContain('|AE|er-bad');
    peer.send(adt('NE', 'SU', { id: 'su-good' }));
    expect(msa(await peer.next())).toContain('|AA|su-good');
    await message('su-good', ({ reply }) => reply?.state === 'sent');
    expect((await figures('delivered')).unanswered).toBe(0);
  });

  it('a rejected message gets one answer: CR, or AR where only the application ACK is wanted', async () => {
    const peer = await sender('DELIVERED_PORT');
    peer.send(adt('AL', 'AL', { id: 'rej-1', type: 'ORM' }));
    expect(msa(await peer.next())).toContain('|CR|rej-1|');
    peer.send(adt('NE', 'AL', { id: 'rej-2', type: 'ORM' }));
    expect(msa(await peer.next())).toContain('|AR|rej-2|');
    expect((await message('rej-1', () => true)).reply).toBeNull();
  });

  it('after mapping, it does not wait for the destination; an accept ACK to it is noted, never answered, and ends its being sent again', async () => {
    destination.behave(() => ({ status: 503 }));
    const peer = await sender('MAPPED_PORT');
    peer.send(adt('NE', 'AL', { id: 'early-1' }));
    const application = await peer.next();
    expect(msa(application)).toBe('MSA|AA|early-1');
    expect([field(application, 15), field(application, 16)]).toEqual(['AL', 'NE']);
    expect((await message('early-1', () => true)).state).toBe('waiting');
    const before = await figures('mapped');
    peer.send(`MSH|^~\\&|EHR|MERCY|WEIR|X|20260301||ACK^A01^ACK|c-1|P|2.5.1\rMSA|CA|${field(application, 10)}\r`);
    await message('early-1', ({ reply }) => reply?.state === 'confirmed');
    peer.send(adt('AL', 'NE', { id: 'early-2' }));
    expect(msa(await peer.next())).toBe('MSA|CA|early-2');
    expect((await figures('mapped')).refused).toBe(before.refused);
  });

  it('a sender that is refused gets the answer to its own message, and no others', async () => {
    destination.behave(() => ({ status: 503 }));
    const first = await sender('DELIVERED_PORT');
    first.send(adt('NE', 'AL', { id: 'mine-1', from: 'MINE|MERCY' }));
    await message('mine-1', ({ reply }) => reply?.state === 'owed');
    first.close();
    const other = await sender('DELIVERED_PORT');
    other.send(adt('NE', 'AL', { id: 'theirs-1', from: 'MINE|MERCY', type: 'ORM' }));
    expect(msa(await other.next())).toContain('|AR|theirs-1|');
    destination.behave(() => 'ok');
    await message('mine-1', ({ reply }) => reply?.state === 'ready' && reply.attempts > 0);
    expect(other.frames).toHaveLength(1);
    other.send(adt('NE', 'AL', { id: 'theirs-2', from: 'MINE|MERCY' }));
    expect([msa(await other.next()), msa(await other.next())].sort()).toEqual(['MSA|AA|mine-1', 'MSA|AA|theirs-2']);
  });

  it('never an ACK to an ACK: one that answers nothing of ours is kept, and not answered', async () => {
    const peer = await sender('MAPPED_PORT');
    peer.send('MSH|^~\\&|EHR|MERCY|WEIR|X|20260301||ACK^A01^ACK|stray-1|P|2.5.1|||AL|AL\rMSA|AA|nothing\r');
    await message('stray-1', ({ state, reply }) => state === 'refused' && reply === null);
    expect(peer.frames).toEqual([]);
  });

  it('waits for its sender to come back where the connection is gone, also over kill -9, and keeps its control id', async () => {
    destination.behave(() => ({ status: 503 }));
    const first = await sender('DELIVERED_PORT');
    first.send(adt('AL', 'AL', { id: 'gone-1', from: 'GONE|MERCY' }));
    expect(msa(await first.next())).toBe('MSA|CA|gone-1');
    const { reply } = await message('gone-1', (detail) => detail.reply?.state === 'owed');
    await weir.kill();
    await weir.start();
    destination.behave(() => 'ok');
    await message('gone-1', (detail) => detail.state === 'delivered' && detail.reply?.state === 'ready');
    const other = await sender('DELIVERED_PORT');
    other.send(adt('NE', 'AL', { id: 'other-1' }));
    expect(msa(await other.next())).toBe('MSA|AA|other-1');
    const second = await sender('DELIVERED_PORT');
    second.send(adt('AL', 'NE', { id: 'back-1', from: 'GONE|MERCY' }));
    expect(msa(await second.next())).toBe('MSA|CA|back-1');
    // Sent again: the stored accept ACK, and behind it what was owed.
    second.send(adt('AL', 'AL', { id: 'gone-1', from: 'GONE|MERCY' }));
    expect(msa(await second.next())).toBe('MSA|CA|gone-1');
    const application = await second.next();
    expect(msa(application)).toBe('MSA|AA|gone-1');
    expect(field(application, 10)).toBe(reply?.controlId);
    // And again: the sender has not got it, so the same ACK is sent once more.
    second.send(adt('AL', 'AL', { id: 'gone-1', from: 'GONE|MERCY' }));
    expect(msa(await second.next())).toBe('MSA|CA|gone-1');
    expect(await second.next()).toBe(application);
    expect(other.frames).toHaveLength(1);
  }, 60_000);
});

describe('application ACKs that go to an address of the sender', () => {
  it('wait until it listens, are sent again until it has confirmed them, and keep their control id', async () => {
    const peer = await sender('ELSEWHERE_PORT');
    peer.send(adt('AL', 'AL', { id: 'else-1' }));
    expect(msa(await peer.next())).toBe('MSA|CA|else-1');
    await message('else-1', ({ reply }) => reply?.state === 'ready' && reply.attempts > 0);
    const came: string[] = [];
    const listener = await startListener({
      channel: 'sender',
      host: '127.0.0.1',
      port: weir.ports.REPLY_PORT ?? 0,
      maxFrame: 100_000,
      frameTimeout: 60_000,
      idleTimeout: 0,
      receive: async ({ bytes }) => {
        const text = Buffer.from(bytes).toString().replaceAll('\r', '\n');
        came.push(text);
        const code = came.length === 1 ? 'CE' : 'CA';
        return { bytes: Buffer.from(`MSH|^~\\&|EHR|MERCY|WEIR|X|20260301||ACK|c|P|2.5.1\rMSA|${code}|${field(text, 10)}\r`) };
      },
      trouble: () => {},
    });
    const { reply } = await message('else-1', (detail) => detail.reply?.state === 'confirmed');
    await listener.stop(0);
    expect(came.length).toBe(2);
    expect(came[1]).toBe(came[0]);
    expect(msa(came[0] ?? '')).toBe('MSA|AA|else-1');
    expect(field(came[0] ?? '', 10)).toBe(reply?.controlId);
    expect(peer.frames).toHaveLength(1);
  });
});

describe('original mode that answers when the message is delivered', () => {
  it('AA means delivered, AE parked, AR refused at once', async () => {
    const peer = await sender('DEFERRED_PORT');
    destination.behave(() => ({ status: 503 }));
    peer.send(adt('', '', { id: 'def-1' }));
    peer.send(adt('', '', { id: 'def-2', event: 'A99' }));
    const parked = await peer.next();
    expect(msa(parked)).toContain('|AE|def-2|');
    expect([field(parked, 15), field(parked, 16)]).toEqual(['', '']);
    peer.send(adt('', '', { id: 'def-3', type: 'ORM' }));
    expect(msa(await peer.next())).toContain('|AR|def-3|');
    expect((await message('def-1', () => true)).state).toBe('waiting');
    destination.behave(() => 'ok');
    expect(msa(await peer.next())).toBe('MSA|AA|def-1');
    // The same message again gets the same answer.
    peer.send(adt('', '', { id: 'def-1' }));
    expect(msa(await peer.next())).toBe('MSA|AA|def-1');
    expect((await figures('deferred')).received).toBe(2);
  });

  it('a master file is answered MFK, which says of each record whether it was posted (HL7 2.9, 8.5)', async () => {
    const peer = await sender('DEFERRED_PORT');
    const notification = (id: string, event: string): string =>
      [
        `MSH|^~\\&|TABLES|MERCY|WEIR|X|20260301120000||MFN^M13^MFN_M13|${id}|P|2.5.1`,
        `MFI|REL^Religions^L||${event}|||AL`,
        'MFE|MAD|R1||BUD^Buddhist^L|CE',
        'MFE|MDC|R2||OLD^Old one^L|CE',
        '',
      ].join('\r');
    destination.behave(() => ({ status: 503 }));
    peer.send(notification('mfn-1', 'UPD'));
    peer.send(notification('mfn-2', 'REP'));
    const records = (frame: string): string[] => [...frame.matchAll(/^MFA\|.*$/gm)].map(([line]) => line);
    const parked = await peer.next();
    expect(msa(parked)).toContain('|AE|mfn-2|');
    expect(field(parked, 9)).toBe('MFK^M13^MFK_M13');
    expect(records(parked)).toEqual([
      expect.stringMatching(/^MFA\|MAD\|R1\|\d{14}\+0000\|U\^Unsuccessful posting\^HL70181\|BUD\^Buddhist\^L\|CE$/),
      expect.stringMatching(/^MFA\|MDC\|R2\|\d{14}\+0000\|U\^/),
    ]);
    destination.behave(() => 'ok');
    const delivered = await peer.next();
    expect(msa(delivered)).toBe('MSA|AA|mfn-1');
    expect(records(delivered).map((line) => line.split('|')[4])).toEqual(Array(2).fill('S^Successful posting^HL70181'));
  });

  it('a message that wants an application ACK which the channel never gives gets the accept ACK alone', async () => {
    const peer = await sender('DEFERRED_PORT');
    peer.send(adt('AL', 'AL', { id: 'never-1' }));
    expect(msa(await peer.next())).toBe('MSA|CA|never-1');
    expect((await message('never-1', ({ state }) => state === 'delivered')).reply).toBeNull();
  });
});

describe('the same control id with other content', () => {
  it('is taken, counted and shown', async () => {
    const peer = await sender('DELIVERED_PORT');
    const before = await figures('delivered');
    peer.send(adt('', '', { id: 'same-1' }));
    expect(msa(await peer.next())).toBe('MSA|AA|same-1');
    const first = await message('same-1', ({ state }) => state === 'delivered');
    peer.send(adt('', '', { id: 'same-1', name: 'Roe' }));
    expect(msa(await peer.next())).toBe('MSA|AA|same-1');
    const second = await message('same-1', ({ state, id }) => state === 'delivered' && id !== first.id);
    expect(second.conflict).toBe(first.id);
    expect(first.conflict).toBeNull();
    const after = await figures('delivered');
    expect(after.conflicts).toBe((before.conflicts ?? 0) + 1);
    expect(after.received).toBe((before.received ?? 0) + 2);
  });

  it('is parked with its cause where the channel says so, and can be replayed', async () => {
    const peer = await sender('PARKING_PORT');
    // Both at once: the second must see the first.
    peer.send(adt('', '', { id: 'same-2' }));
    peer.send(adt('', '', { id: 'same-2', name: 'Roe' }));
    expect(msa(await peer.next())).toBe('MSA|AA|same-2');
    expect(msa(await peer.next())).toBe('MSA|AA|same-2');
    const parked = await message('same-2', ({ state }) => state === 'parked');
    expect(parked.cause?.code).toBe('listen-conflict');
    expect(await figures('parking')).toMatchObject({ received: 2, parked: 1, conflicts: 1 });
    await api(`/messages/${parked.id}/replay`, 'POST');
    await message('same-2', ({ state, id }) => state === 'delivered' && id === parked.id);
    expect(await figures('parking')).toMatchObject({ received: 2, delivered: 2, parked: 0 });
  });

  it('is answered AR with condition 205, and kept, where the channel says so', async () => {
    const peer = await sender('DEFERRED_PORT');
    peer.send(adt('AL', 'NE', { id: 'same-3' }));
    expect(msa(await peer.next())).toBe('MSA|CA|same-3');
    peer.send(adt('AL', 'NE', { id: 'same-3', name: 'Roe' }));
    const rejection = await peer.next();
    expect(msa(rejection)).toContain('|CR|same-3|');
    expect(rejection).toContain('\nERR||MSH^1^10|205^Duplicate key identifier^HL70357|E|||listen-conflict|');
    const refused = await message('same-3', ({ state }) => state === 'refused');
    expect(refused.cause?.code).toBe('listen-conflict');
    expect(refused.ackText).toContain('MSA|CR|same-3');
    // The first one again is still the duplicate that it is.
    peer.send(adt('AL', 'NE', { id: 'same-3' }));
    expect(msa(await peer.next())).toBe('MSA|CA|same-3');
  });
});

describe('MLLP release 2 (transport specification, 1.2)', () => {
  it('a block that is stored is answered 0x06 first, then with its HL7 ACKs', async () => {
    const peer = await sender('RELEASE2_PORT');
    peer.send(adt('', '', { id: 'r2-1' }));
    expect(await peer.next()).toBe('\x06');
    expect(msa(await peer.next())).toBe('MSA|AA|r2-1');
    peer.send(Uint8Array.of(0x06));
    peer.send(adt('NE', 'NE', { id: 'r2-2' }));
    expect(await peer.next()).toBe('\x06');
    peer.send(adt('AL', 'AL', { id: 'r2-3' }));
    expect(await peer.next()).toBe('\x06');
    expect(msa(await peer.next())).toBe('MSA|CA|r2-3');
    peer.send(Uint8Array.of(0x06));
    expect(msa(await peer.next())).toBe('MSA|AA|r2-3');
    expect(await figures('release2')).toMatchObject({ received: 3, refused: 0 });
  });

  it('what is no message is kept, which 0x06 says, and refused, which AR says', async () => {
    const peer = await sender('RELEASE2_PORT');
    peer.send('no HL7');
    expect(await peer.next()).toBe('\x06');
    expect(msa(await peer.next())).toContain('MSA|AR|');
  });

  it('a block that is not stored is answered 0x15', async () => {
    const peer = await sender('RELEASE2_PORT');
    peer.send(`${adt('', '')}NTE|1||${'x'.repeat(70_000)}\r`);
    expect(await peer.next()).toBe('\x15');
    await peer.closed;
  });
});

describe('batches (HL7 2.9, 2.10.3)', () => {
  const bhs = 'BHS|^~\\&|EHR|MERCY|WEIR|X|20260301|||note|B-1\r';
  /** The lines of a batch answer, MSH left out. */
  const lines = (frame: string): string[] => frame.split('\n').filter((line) => line !== '' && !line.startsWith('MSH'));

  it('each message is stored and answered by itself, in one batch; a faulty one is refused alone', async () => {
    const peer = await sender('DELIVERED_PORT');
    const before = await figures('delivered');
    const batch = [
      adt('', '', { id: 'b-1' }),
      adt('', '', { id: 'b-2', type: 'ORM' }),
      'MSH|^~\\&|half\r',
      adt('', '', { id: 'b-3' }),
    ];
    peer.send(`FHS|^~\\&|EHR|MERCY|WEIR|X|||||F-1\r${bhs}${batch.join('')}BTS|4\rFTS|1\r`);
    const answer = await peer.next();
    const [fhs, header, ...rest] = lines(answer);
    expect(fhs).toMatch(/^FHS\|\^~\\&\|WEIR\|X\|EHR\|MERCY\|\d+\+0000\|\|\|\|\w+\|F-1$/);
    expect(header).toMatch(/^BHS\|.*\|B-1$/);
    expect(rest.filter((line) => !line.startsWith('ERR')).map((line) => line.split('|').slice(0, 3).join('|'))).toEqual([
      'MSA|AA|b-1',
      'MSA|AR|b-2',
      'MSA|AR|',
      'MSA|AA|b-3',
      'BTS|4',
      'FTS|1',
    ]);
    await message('b-1', ({ state }) => state === 'delivered');
    await message('b-3', ({ state }) => state === 'delivered');
    const after = await figures('delivered');
    expect(after.received).toBe((before.received ?? 0) + 2);
    expect(after.refused).toBe((before.refused ?? 0) + 2);
  });

  it('the same batch again: the stored ACKs are sent again, and nothing is mapped', async () => {
    const peer = await sender('DELIVERED_PORT');
    const before = await figures('delivered');
    const batch = `${bhs}${adt('', '', { id: 'b-4' })}${adt('', '', { id: 'b-5' })}BTS|2\r`;
    peer.send(batch);
    const acks = (frame: string) => frame.split('\n').filter((line) => /^MS/.test(line));
    const first = acks(await peer.next());
    peer.send(batch);
    expect(acks(await peer.next())).toEqual(first);
    const after = await figures('delivered');
    expect(after.received).toBe((before.received ?? 0) + 2);
    expect(after.duplicates).toBe((before.duplicates ?? 0) + 2);
  });

  it('by MSH-15 of each message: an empty batch where no ACK is owed; application ACKs are exchanges of their own', async () => {
    const peer = await sender('DELIVERED_PORT');
    peer.send(`${bhs}${adt('NE', 'AL', { id: 'b-6' })}${adt('ER', 'NE', { id: 'b-7' })}BTS|2\r`);
    expect(lines(await peer.next()).map((line) => line.slice(0, 5))).toEqual(['BHS|^', 'BTS|0']);
    expect(msa(await peer.next())).toBe('MSA|AA|b-6');
  });

  it('counts that are wrong: the messages are taken, the headers kept, and the answer says so', async () => {
    const peer = await sender('DELIVERED_PORT');
    peer.send(`${bhs}${adt('', '', { id: 'b-8' })}BTS|2\r`);
    expect(lines(await peer.next()).at(-1)).toMatch(/^BTS\|1\|The trailer states 2 messages and there are 1;/);
    await message('b-8', ({ state }) => state === 'delivered');
    const { messages } = await api<{ messages: Line[] }>('/messages?limit=5&state=refused');
    expect(messages[0]?.cause?.code).toBe('listen-batch');
    expect((await api<{ raw: string }>(`/messages/${messages[0]?.id}`)).raw).toBe(`${bhs}BTS|2\r`.replaceAll('\r', '\n'));
  });

  it('a batch of ACKs is not answered', async () => {
    const peer = await sender('DELIVERED_PORT');
    peer.send(`${bhs}MSH|^~\\&|EHR|MERCY|WEIR|X|20260301||ACK^A01|x|P|2.5.1\rMSA|AA|y\rBTS|1\r`);
    peer.send(adt('', '', { id: 'b-9' }));
    expect(msa(await peer.next())).toBe('MSA|AA|b-9');
  });

  it('of a thousand messages', async () => {
    const peer = await sender('PARKING_PORT');
    const before = await figures('parking');
    const many = Array.from({ length: 1_000 }, (_, at) => adt('', '', { id: `many-${at}` }));
    peer.send(`${bhs}${many.join('')}BTS|1000\r`);
    const answer = await peer.next();
    expect(answer.match(/^MSA\|AA\|many-\d+$/gm)).toEqual(many.map((_, at) => `MSA|AA|many-${at}`));
    expect((await figures('parking')).received).toBe((before.received ?? 0) + 1_000);
  });
});

describe('sequence numbers (HL7 2.9, 2.10.1)', () => {
  const numbered = (sequence: number | string, id: string, from = 'EHR|MERCY'): string =>
    adt('', '', { id, from }).replace('|2.5.1|||', `|2.5.1|${sequence}||`);
  const link = (sequence: number, from: string): string => `MSH|^~\\&|${from}|WEIR|X|20260301||^|link|P|2.5.1|${sequence}\r`;
  const ask = async (peer: Dialled, text: string): Promise<string> => {
    peer.send(text);
    const [code, , , expected] = msa(await peer.next())
      .split('|')
      .slice(1);
    return `${code} ${expected}`;
  };

  it('starts, counts, finds gaps and repetitions, and is synchronised anew', async () => {
    const from = 'SEQ|ONE';
    const peer = await sender('SEQUENCE_PORT');
    expect(await ask(peer, link(0, from))).toBe('AA -1');
    expect(await ask(peer, numbered(7, 'q-7', from))).toBe('AA 7');
    expect(await ask(peer, numbered(8, 'q-8', from))).toBe('AA 8');
    // The ACK was lost: the same transaction again is not stored again.
    expect(await ask(peer, numbered(8, 'q-8', from))).toBe('AA 9');
    // Another transaction under that number, a gap, and a number of long ago: refused, kept, and what is expected said.
    expect(await ask(peer, numbered(8, 'q-other', from))).toBe('AE 9');
    expect(await ask(peer, numbered(10, 'q-10', from))).toBe('AE 9');
    expect(await ask(peer, numbered(3, 'q-3', from))).toBe('AE 9');
    expect((await message('q-10', ({ state }) => state === 'refused')).cause?.code).toBe('listen-sequence');
    expect(await ask(peer, link(0, from))).toBe('AA 9');
    expect(await ask(peer, numbered(9, 'q-9', from))).toBe('AA 9');
    expect(await ask(peer, link(-1, from))).toBe('AA -1');
    expect(await ask(peer, numbered(500, 'q-500', from))).toBe('AA 500');
    for (const id of ['q-7', 'q-8', 'q-9', 'q-500']) await message(id, ({ state }) => state === 'delivered');
    expect(await figures('sequence')).toMatchObject({ received: 7, delivered: 4, filtered: 3, refused: 3, duplicates: 1 });
  });

  it('each sender has numbers of its own, which outlive kill -9; one without a number is taken', async () => {
    const first = await sender('SEQUENCE_PORT');
    expect(await ask(first, numbered(1, 'q-b1', 'SEQ|TWO'))).toBe('AA 1');
    expect(await ask(first, numbered('', 'q-none', 'SEQ|TWO'))).toBe('AA undefined');
    expect(await ask(first, numbered('seven', 'q-bad', 'SEQ|TWO'))).toBe('AR undefined');
    await weir.kill();
    await weir.start();
    const second = await sender('SEQUENCE_PORT');
    expect(await ask(second, numbered(3, 'q-b3', 'SEQ|TWO'))).toBe('AE 2');
    expect(await ask(second, numbered(2, 'q-b2', 'SEQ|TWO'))).toBe('AA 2');
  }, 60_000);

  it('pipelined transactions are judged in their order', async () => {
    const peer = await sender('SEQUENCE_PORT');
    for (let number = 1; number <= 20; number++) peer.send(numbered(number, `q-p${number}`, 'SEQ|THREE'));
    for (let number = 1; number <= 20; number++) expect(msa(await peer.next())).toBe(`MSA|AA|q-p${number}||${number}`);
  });
});
