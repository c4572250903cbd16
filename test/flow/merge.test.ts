/** A merge from the socket to the built-in FHIR store: the patient who goes on, the one who is given up, and what was told of both before (promises 3 and 4). */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, Encounter, Patient, Resource } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSender, type Sender } from '../support/sender.ts';
import { repositoryRoot, startChild, type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let data: TempFolder;
let weir: Weir;
let sender: Sender;
let number = 0;

beforeAll(async () => {
  data = await tempFolder('merge');
  weir = await prepareWeir({
    channels: join(repositoryRoot, 'channels'),
    ports: ['ADT_PORT', 'LAB_PORT', 'ORDERS_PORT'],
    dataDir: data.path,
  });
  await weir.start();
  sender = openSender(() => ({ host: '127.0.0.1', port: weir.ports.ADT_PORT ?? 0 }));
}, 60_000);
afterAll(async () => {
  sender?.close();
  await weir?.stop();
  await data?.remove();
});

/** An ADT message of these segments, stored when this resolves. */
async function adt(event: string, ...segments: string[]): Promise<void> {
  number += 1;
  const head = [`MSH|^~\\&|EHR|MERCY|WEIR|X|20260301120000||ADT^${event}|M${number}|P|2.5.1`, `EVN||20260301120000`];
  expect((await sender.send([...head, ...segments, ''].join('\r'))).code).toBe('AA');
}

const pid = (id: string, name: string, account = ''): string =>
  `PID|1||${id}^^^MERCY^MR||${name}||19800101|F||||||||||${account}`;
const pv1 = (visit: string): string => `PV1|1|I|||||||||||||||||${visit}^^^MERCY^VN`;

/** The one resource of that number, once all that was sent is delivered. */
async function known<T extends Resource>(type: T['resourceType'], value: string): Promise<T> {
  await delivered();
  const found = await weir.search<T>(`${type}?identifier=urn:id:MERCY|${value}`);
  expect(found).toHaveLength(1);
  return found[0] as T;
}

async function delivered(): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
    const response = await fetch(`${weir.http}/api/messages?limit=200`);
    const { messages } = (await response.json()) as { messages: { state: string; cause: unknown }[] };
    const left = messages.filter(({ state }) => state !== 'delivered' && state !== 'refused');
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${JSON.stringify(left.slice(0, 3))}\n${weir.output()}`);
  }
}

test('the patient who is given up is inactive, and names the one who goes on', async () => {
  await adt('A04', pid('old', 'Zebrafink^Ada'), pv1('v-old'));
  await adt('A04', pid('new', 'Zebrafink^Adah'), pv1('v-new'));
  await adt('A40', pid('new', 'Zebrafink^Adah'), 'MRG|old^^^MERCY^MR||||||Zebrafink^Ada');
  const goesOn = await known<Patient>('Patient', 'new');
  const givenUp = await known<Patient>('Patient', 'old');
  expect(givenUp).toMatchObject({ active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${goesOn.id}` } }] });
  expect(givenUp.name?.[0]?.given).toEqual(['Ada']);
  expect(goesOn).not.toHaveProperty('active');
  expect(goesOn.name?.[0]?.given).toEqual(['Adah']);
  // The visits are where they were told to be.
  expect((await known<Encounter>('Encounter', 'v-old')).subject?.reference).toBe(`Patient/${givenUp.id}`);
  expect((await known<Encounter>('Encounter', 'v-new')).subject?.reference).toBe(`Patient/${goesOn.id}`);
});

test('a merge that comes again changes nothing', async () => {
  const before = [await known<Patient>('Patient', 'new'), await known<Patient>('Patient', 'old')];
  await adt('A40', pid('new', 'Zebrafink^Adah'), 'MRG|old^^^MERCY^MR||||||Zebrafink^Ada');
  expect([await known<Patient>('Patient', 'new'), await known<Patient>('Patient', 'old')]).toEqual(before);
});

test('a merge of a patient of whom nothing was told makes both', async () => {
  await adt('A40', pid('first-new', 'Finch^Bea'), 'MRG|first-old');
  const goesOn = await known<Patient>('Patient', 'first-new');
  expect(await known<Patient>('Patient', 'first-old')).toMatchObject({
    active: false,
    link: [{ other: { reference: `Patient/${goesOn.id}` } }],
  });
});

test('however fast they come, a merge waits for what was told of both patients before', async () => {
  const pairs = Array.from({ length: 25 }, (_, at) => [`o${at}`, `n${at}`] as const);
  for (const [at, [old, now]] of pairs.entries()) {
    await adt('A04', pid(old, `Finch^Old${at}`), pv1(`vo${at}`));
    await adt('A04', pid(now, `Finch^New${at}`), pv1(`vn${at}`));
    await adt('A08', pid(old, `Finch^Older${at}`), pv1(`vo${at}`));
    // Two pairs merge in one message: it has four lanes.
    const pair = (n: number): string[] => [pid(`n${n}`, `Finch^Now${n}`), `MRG|o${n}`];
    if (at % 2 === 1) await adt('A40', ...pair(at), ...pair(at - 1));
  }
  await delivered();
  for (const [at, [old, now]] of pairs.slice(0, 24).entries()) {
    expect(await known<Patient>('Patient', old)).toMatchObject({ active: false });
    expect((await known<Patient>('Patient', now)).name?.[0]?.given).toEqual([`Now${at}`]);
  }
  expect(await known<Patient>('Patient', 'o24')).not.toHaveProperty('active');
});

describe('an update that still names who was given up', () => {
  test('writes what it says, and the mark stands', async () => {
    await adt('A04', pid('late-old', 'Finch^Hal'));
    await adt('A40', pid('late-new', 'Finch^Hale'), 'MRG|late-old^^^MERCY^MR');
    // Some come in one breath with the merge, and are mapped with it.
    await adt('A08', pid('late-old', 'Finch^Hall'), pv1('late-visit'));
    const goesOn = await known<Patient>('Patient', 'late-new');
    const marked = { active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${goesOn.id}` } }] };
    expect(await known<Patient>('Patient', 'late-old')).toMatchObject({ ...marked, name: [{ given: ['Hall'] }] });
    await adt('A31', pid('late-old', 'Finch^Halley'));
    expect(await known<Patient>('Patient', 'late-old')).toMatchObject({ ...marked, name: [{ given: ['Halley'] }] });
    expect(await known<Patient>('Patient', 'late-new')).toEqual(goesOn);
  });

  test('until a merge says that it is the one who goes on', async () => {
    await adt('A40', pid('turn-new', 'Finch^Ivo'), 'MRG|turn-old^^^MERCY^MR');
    await adt('A40', pid('turn-old', 'Finch^Ivor'), 'MRG|turn-new^^^MERCY^MR');
    await adt('A08', pid('turn-old', 'Finch^Ivory'));
    await adt('A08', pid('turn-new', 'Finch^Ivory'));
    const goesOn = await known<Patient>('Patient', 'turn-old');
    expect(goesOn).not.toHaveProperty('active');
    expect(goesOn).not.toHaveProperty('link');
    expect(await known<Patient>('Patient', 'turn-new')).toMatchObject({
      active: false,
      link: [{ other: { reference: `Patient/${goesOn.id}` } }],
    });
  });
});

test('accounts and visits merge the same way', async () => {
  await adt('A01', pid('acc', 'Finch^Cora', 'a-old'), pv1('visit-old'));
  await adt('A01', pid('acc', 'Finch^Cora', 'a-new'), pv1('visit-new'));
  await adt('A41', pid('acc', 'Finch^Cora', 'a-new'), 'MRG|acc||a-old');
  await adt('A42', pid('acc', 'Finch^Cora', 'a-new'), 'MRG|acc||||visit-old', pv1('visit-new'));
  const account = await known<Account>('Account', 'a-new');
  expect(account.status).toBe('active');
  expect(await known<Account>('Account', 'a-old')).toMatchObject({
    status: 'inactive',
    partOf: { reference: `Account/${account.id}` },
  });
  expect((await known<Encounter>('Encounter', 'visit-new')).status).toBe('in-progress');
  expect((await known<Encounter>('Encounter', 'visit-old')).status).toBe('entered-in-error');
  expect(await known<Patient>('Patient', 'acc')).not.toHaveProperty('active');
});

test('patients are linked and unlinked (A24, A37)', async () => {
  const both = [pid('twin-1', 'Finch^Dora'), pid('twin-2', 'Finch^Dorothea')];
  await adt('A24', ...both);
  const [one, other] = [await known<Patient>('Patient', 'twin-1'), await known<Patient>('Patient', 'twin-2')];
  expect(one.link).toEqual([{ other: { reference: `Patient/${other.id}` }, type: 'seealso' }]);
  expect(other.link).toEqual([{ other: { reference: `Patient/${one.id}` }, type: 'seealso' }]);
  await adt('A37', ...both);
  for (const id of ['twin-1', 'twin-2']) expect(await known<Patient>('Patient', id)).not.toHaveProperty('link');
});

describe('a merge is taken back by a person', () => {
  interface Detail {
    readonly state: string;
    readonly type: string;
    readonly unmerged: readonly { readonly id: string; readonly by: string; readonly reason: string }[];
    readonly deliveries: readonly { readonly state: string }[];
  }
  const detail = async (id: string) => (await (await fetch(`${weir.http}/api/messages/${id}`)).json()) as Detail;
  const latest = async (): Promise<string> => {
    const { messages } = (await (await fetch(`${weir.http}/api/messages?limit=1`)).json()) as { messages: { id: string }[] };
    return messages[0]?.id ?? '';
  };
  const unmerge = async (id: string) => {
    const response = await fetch(`${weir.http}/api/messages/${id}/unmerge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'jdoe', reason: 'two women of one name' }),
    });
    return { status: response.status, ...((await response.json()) as { code?: string; messages?: string[] }) };
  };

  test('who was given up is active again, as was told last; the other is left as is; the merge says who took it back and why', async () => {
    await adt('A04', `${pid('un-old', 'Wren^Eva')}||||||||`, 'NK1|1|Wren^Otto|FTH', pv1('un-visit'));
    await adt('A04', pid('un-new', 'Wren^Evita'));
    await adt('A40', pid('un-new', 'Wren^Evita'), 'MRG|un-old^^^MERCY^MR');
    const merge = await latest();
    const goesOn = await known<Patient>('Patient', 'un-new');
    expect(await known<Patient>('Patient', 'un-old')).not.toHaveProperty('birthDate');

    const { status, messages = [] } = await unmerge(merge);
    expect(status).toBe(200);
    expect(messages).toHaveLength(1);
    const back = await known<Patient>('Patient', 'un-old');
    expect(back).toMatchObject({
      active: true,
      birthDate: '1980-01-01',
      name: [{ given: ['Eva'] }],
      contact: [{ name: { given: ['Otto'] } }],
    });
    expect(back).not.toHaveProperty('link');
    expect(await known<Patient>('Patient', 'un-new')).toEqual(goesOn);
    expect((await known<Encounter>('Encounter', 'un-visit')).subject?.reference).toBe(`Patient/${back.id}`);

    expect((await detail(merge)).unmerged).toMatchObject([{ id: messages[0], by: 'jdoe', reason: 'two women of one name' }]);
    expect(await detail(messages[0] ?? '')).toMatchObject({
      state: 'delivered',
      type: 'ADT^Z40',
      deliveries: [{ state: 'delivered' }],
    });
    expect(await unmerge(merge)).toMatchObject({ status: 409, code: 'api-unmerged' });
  });

  test('in the order of both patients: what comes behind it comes after it', async () => {
    await adt('A04', pid('seq-old', 'Wren^Ida'));
    await adt('A40', pid('seq-new', 'Wren^Idun'), 'MRG|seq-old^^^MERCY^MR');
    const merge = await latest();
    await delivered();
    await unmerge(merge);
    await adt('A08', pid('seq-old', 'Wren^Idared'));
    await adt('A08', pid('seq-new', 'Wren^Iduna'));
    const back = await known<Patient>('Patient', 'seq-old');
    expect(back.name?.[0]?.given).toEqual(['Idared']);
    expect(back).not.toHaveProperty('link');
    expect((await known<Patient>('Patient', 'seq-new')).name?.[0]?.given).toEqual(['Iduna']);
  });

  test('of each pair of a message, also of one of whom nothing was told', async () => {
    await adt('A40', pid('p-new', 'Wren^Jo'), 'MRG|p-old^^^MERCY^MR||||||Wren^Joan', pid('q-new', 'Wren^Kim'), 'MRG|q-old');
    const merge = await latest();
    await delivered();
    // Whoever asks at the same moment too does it once.
    const asked = await Promise.all([unmerge(merge), unmerge(merge)]);
    expect(asked.flatMap(({ messages = [] }) => messages)).toHaveLength(2);
    const first = await known<Patient>('Patient', 'p-old');
    expect(first).toMatchObject({ active: true, name: [{ family: 'Wren', given: ['Joan'] }] });
    expect(await known<Patient>('Patient', 'q-old')).toMatchObject({ active: true });
  });

  test('and nothing else is', async () => {
    await adt('A04', pid('plain', 'Wren^Lea'));
    const plain = await latest();
    await delivered();
    expect(await unmerge(plain)).toMatchObject({ status: 409, code: 'api-no-merge' });
    expect(await unmerge('999999999')).toMatchObject({ status: 404, code: 'api-no-message' });
  });

  test('at the command line too', async () => {
    await adt('A40', pid('cli-new', 'Wren^Mia'), 'MRG|cli-old^^^MERCY^MR');
    const merge = await latest();
    await delivered();
    const command = async () => {
      const args = ['unmerge', merge, '--by', 'jdoe', '--reason', 'a slip', '--url', weir.http];
      const child = startChild(process.execPath, [join(repositoryRoot, 'bin', 'weir.js'), ...args], { cwd: repositoryRoot });
      return { code: (await child.ended).code, output: child.output() };
    };
    const done = await command();
    expect(done.output).toMatch(new RegExp(`^Message ${merge} is taken back by message \\d+\\.`));
    expect(done.code).toBe(0);
    expect(await known<Patient>('Patient', 'cli-old')).toMatchObject({ active: true });
    expect(await command()).toMatchObject({ code: 1, output: expect.stringContaining('taken back already') });
  });
});
