/** What a newcomer sees: the repository's own channels, the sandbox, a sender written elsewhere, and what is said when something is in the way. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Client, { Message as ForeignMessage } from 'node-hl7-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Message } from '../../src/hl7/message.ts';
import { cleanEnvironment, freePort, repositoryRoot, startChild, type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

const fixture = (name: string): string => join(repositoryRoot, 'test', 'fixtures', `${name}.hl7`);
let data: TempFolder;
let weir: Weir;

beforeAll(async () => {
  data = await tempFolder('newcomer');
  weir = await prepareWeir({
    channels: join(repositoryRoot, 'channels'),
    ports: ['ADT_PORT', 'LAB_PORT', 'ORDERS_PORT'],
    dataDir: data.path,
  });
  await weir.start();
}, 60_000);
afterAll(async () => {
  await weir?.stop();
  await data?.remove();
});

async function soon<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 15_000; ; await sleep(50)) {
    const value = await read();
    if (holds(value) || Date.now() > deadline) return value;
  }
}

test('five lines say what is up, and the next thing to type', () => {
  const lines = weir.output().trim().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/is up/);
  expect(lines[1]).toContain(`adt on 127.0.0.1:${weir.ports.ADT_PORT}`);
  expect(lines[2]).toContain(weir.http);
  expect(lines[4]).toContain('npx weir send test/fixtures/adt-a01.hl7');
});

test('weir send prints AA, and the sandbox shows the patient', async () => {
  const child = startChild(
    process.execPath,
    ['bin/weir.js', 'send', '--to', `127.0.0.1:${weir.ports.ADT_PORT}`, fixture('adt-a01')],
    {
      cwd: repositoryRoot,
    },
  );
  expect((await child.ended).code).toBe(0);
  expect(child.output()).toMatch(/^AA ADM0000101/);
  const patients = await soon(
    () => weir.search('Patient?identifier=MRN004711'),
    (resources) => resources.length > 0,
  );
  expect(patients).toMatchObject([{ resourceType: 'Patient', birthDate: '1962-03-18', gender: 'female' }]);
  expect(await weir.search('Encounter?_count=10')).toMatchObject([{ status: 'in-progress' }]);
});

test('a sender that was not written here delivers the fixtures', async () => {
  const answers: string[] = [];
  for (const name of ['adt-a04', 'adt-a08', 'adt-a03', 'oru-r01', 'oru-r01-ed']) {
    const text = readFileSync(fixture(name), 'utf8');
    const port = (name.startsWith('adt') ? weir.ports.ADT_PORT : weir.ports.LAB_PORT) ?? 0;
    // It refuses messages of another version than its connection's.
    const version = Message.fromText(text).version as '2.5.1';
    await new Promise<void>((resolve, reject) => {
      const client = new Client({ host: '127.0.0.1', version });
      const connection = client.createConnection({ port, version }, async (response) => {
        answers.push(response.getMessage().get('MSA.1').toString());
        await connection.close();
        resolve();
      });
      connection.sendMessage(new ForeignMessage({ text })).catch(reject);
    });
  }
  expect(answers).toEqual(['AA', 'AA', 'AA', 'AA', 'AA']);
  const reports = await soon(
    () => weir.search('DiagnosticReport?_count=10'),
    (resources) => resources.length === 2,
  );
  expect(reports).toHaveLength(2);
  expect(await weir.search('Encounter?_count=10')).toContainEqual(expect.objectContaining({ status: 'finished' }));
  // A resource is there a moment before its delivery is noted.
  const channels = await soon(
    async () =>
      ((await (await fetch(`${weir.http}/api/channels`)).json()) as { channels: { received: number; delivered: number }[] })
        .channels,
    (all) => all.every(({ received, delivered }) => delivered === received),
  );
  for (const { received, delivered } of channels) expect(delivered).toBe(received);
});

test('a port that is taken is told with its number and its setting', async () => {
  const env = {
    WEIR_DATA: join(data.path, 'second'),
    WEIR_HTTP: new URL(weir.http).host,
    ADT_PORT: '0',
    LAB_PORT: '0',
    ORDERS_PORT: '0',
  };
  const page = startChild(process.execPath, ['bin/weir.js', 'run'], { cwd: repositoryRoot, env: cleanEnvironment(env) });
  expect((await page.ended).code).toBe(1);
  expect(page.output()).toContain(`${env.WEIR_HTTP}, setting WEIR_HTTP`);

  const port = await freePort();
  const holder = createServer().listen(port, '127.0.0.1');
  const taken = { ...env, WEIR_HTTP: `127.0.0.1:${await freePort()}`, ADT_PORT: String(port) };
  const feed = startChild(process.execPath, ['bin/weir.js', 'run'], { cwd: repositoryRoot, env: cleanEnvironment(taken) });
  expect((await feed.ended).code).toBe(1);
  expect(feed.output()).toContain(`port ${port}, listen.mllp.port of channel adt`);
  holder.close();
});

test('a data folder that another Weir uses is left alone', async () => {
  const env = cleanEnvironment({
    WEIR_DATA: data.path,
    WEIR_HTTP: '127.0.0.1:0',
    ADT_PORT: '0',
    LAB_PORT: '0',
    ORDERS_PORT: '0',
  });
  const second = startChild(process.execPath, ['bin/weir.js', 'run'], { cwd: repositoryRoot, env });
  expect((await second.ended).code).toBe(1);
  expect(second.output()).toMatch(/in use by another Weir.*process \d+/);
});

test('a configuration with a mistake starts nothing, and says where it is', async () => {
  const env = cleanEnvironment({
    WEIR_DATA: join(data.path, 'third'),
    WEIR_CHANNELS: join(repositoryRoot, 'test', 'check', 'faults'),
  });
  const child = startChild(process.execPath, ['bin/weir.js', 'run'], { cwd: repositoryRoot, env });
  expect((await child.ended).code).toBe(1);
  expect(child.output()).toMatch(/\.yaml:\d+:\d+ error /);
  expect(child.output()).toContain('nothing was started');
});

test('Ctrl-C drains and ends with 0', async () => {
  expect(await weir.stop()).toBe(0);
  expect(weir.output()).toContain('Stopped. Nothing was lost');
});
