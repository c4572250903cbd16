import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildAck, type Refusal } from '../../src/hl7/ack.ts';
import { Message } from '../../src/hl7/message.ts';
import { type Listener, startListener } from '../../src/listen/listener.ts';

const root = new URL('../../', import.meta.url).pathname;
const stamp = { time: new Date(0), controlId: 'W1' };

interface Outcome {
  readonly exit: number;
  readonly lines: string[];
  readonly complaint: string;
}

function weir(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['src/cli/main.ts', ...args], { cwd: root }, (_, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? -1, lines: stdout.split('\n').filter((line) => line !== ''), complaint: stderr });
    });
  });
}

const running: Listener[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.stop(0)));
});

/** A receiver that answers by Weir's own ACK rules; `verdict` gives the refusal of a control id. */
async function receiver(verdict: (controlId: string) => Refusal | null = () => null): Promise<{ to: string; got: Message[] }> {
  const got: Message[] = [];
  const listener = await startListener({
    channel: 'test',
    host: '127.0.0.1',
    port: 0,
    maxFrame: 1_000_000,
    frameTimeout: 10_000,
    idleTimeout: 0,
    async receive({ bytes }) {
      const message = Message.parse(bytes);
      got.push(message);
      return { bytes: buildAck(message, verdict(message.controlId), stamp)?.bytes ?? null };
    },
    trouble: () => {},
  });
  running.push(listener);
  return { to: `127.0.0.1:${listener.port}`, got };
}

describe('weir send', () => {
  test('prints the code and control id of each ACK, and exits 0 when all are positive', async () => {
    const { to, got } = await receiver();
    const outcome = await weir(
      'send',
      '--to',
      to,
      'test/fixtures/adt-a01.hl7',
      'test/fixtures/oru-r01.hl7',
      'test/fixtures/delimiters.hl7',
    );
    expect(outcome).toEqual({ exit: 0, lines: ['AA ADM0000101', 'AA RES0003301', 'AA DEL0001'], complaint: '' });
    expect(got.map((message) => message.controlId)).toEqual(['ADM0000101', 'RES0003301', 'DEL0001']);
  });

  test('exits 1 when one is refused, says why, and sends the others', async () => {
    const { to } = await receiver((controlId) =>
      controlId === 'ADM0000101' ? { code: 'listen-type', location: 'MSH-9' } : null,
    );
    const outcome = await weir('send', '--to', to, '--json', 'test/fixtures/adt-a01.hl7', 'test/fixtures/adt-a03.hl7');
    expect(outcome.exit).toBe(1);
    const [first, second] = outcome.lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      source: 'test/fixtures/adt-a01.hl7#1',
      to,
      code: 'AR',
      controlId: 'ADM0000101',
      positive: false,
    });
    expect(first.text).toContain('does not take this message type');
    expect(second).toMatchObject({ code: 'AA', positive: true });
  });

  test('exits 1 with a sentence where nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const outcome = await weir('send', '--to', `127.0.0.1:${port}`, 'test/fixtures/adt-a01.hl7');
    expect(outcome.exit).toBe(1);
    expect(outcome.lines).toEqual([
      `-- ADM0000101 Nothing listens at 127.0.0.1:${port}; start the receiver, or name another with --to`,
    ]);
  });

  test('takes an ACK of another control id for none, and gives up when its time is over', async () => {
    const { to } = await (async () => {
      const listener = await startListener({
        channel: 'test',
        host: '127.0.0.1',
        port: 0,
        maxFrame: 1_000_000,
        frameTimeout: 10_000,
        idleTimeout: 0,
        receive: async () => ({ bytes: new TextEncoder().encode('MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AA|SOMEONE-ELSE\r') }),
        trouble: () => {},
      });
      running.push(listener);
      return { to: `127.0.0.1:${listener.port}` };
    })();
    const outcome = await weir('send', '--to', to, '--timeout', '0.3', 'test/fixtures/adt-a01.hl7');
    expect(outcome.exit).toBe(1);
    expect(outcome.lines[0]).toMatch(/^-- ADM0000101 No ACK came/);
  });

  test.each([
    [['send', 'test/fixtures/nowhere.hl7'], 'it does not exist'],
    [['send', '--to', 'nonsense', 'test/fixtures/adt-a01.hl7'], 'is no address'],
  ])('misuse exits 2 with a sentence: %j', async (args, sentence) => {
    const outcome = await weir(...args);
    expect(outcome.exit).toBe(2);
    expect(outcome.complaint).toContain(sentence);
  });

  test('a file without a message exits 1', async () => {
    const outcome = await weir('send', 'package.json');
    expect(outcome).toMatchObject({ exit: 1, lines: [] });
    expect(outcome.complaint).toContain('holds no HL7 v2 message');
  });

  describe('with files of several messages', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'weir-send-'));
      return () => rm(folder, { recursive: true });
    });

    test('sends each of a batch, with segments that end as the standard wants', async () => {
      const { to, got } = await receiver();
      const file = join(folder, 'batch.hl7');
      await writeFile(
        file,
        'FHS|^~\\&|X\nBHS|^~\\&|X\nMSH|^~\\&|X|||||||1|P|2.5\nPID|1\n\nMSH|^~\\&|X|||||||2|P|2.5\nBTS|2\nFTS|1\n',
      );
      expect(await weir('send', '--to', to, file)).toEqual({ exit: 0, lines: ['AA 1', 'AA 2'], complaint: '' });
      expect(got.map((message) => message.text)).toEqual(['MSH|^~\\&|X|||||||1|P|2.5\rPID|1\r', 'MSH|^~\\&|X|||||||2|P|2.5\r']);
    });

    test('does not wait for an ACK that the message does not want', async () => {
      const { to, got } = await receiver();
      const file = join(folder, 'quiet.hl7');
      await writeFile(file, 'MSH|^~\\&|X|||||||1|P|2.5|||NE\r');
      const outcome = await weir('send', '--to', to, file);
      expect(outcome).toMatchObject({ exit: 0, lines: ['-- 1 Sent; its MSH-15 asks for no ACK'] });
      expect(got).toHaveLength(1);
    });
  });
});

describe('weir get', () => {
  test('prints the values at a path, one a line', async () => {
    expect(await weir('get', 'PID-3[*].1', 'test/fixtures/adt-a01.hl7')).toEqual({
      exit: 0,
      lines: ['MRN004711', '900-55-0142', 'D8812034'],
      complaint: '',
    });
    expect((await weir('get', 'OBX[3]-5', 'test/fixtures/oru-r01.hl7')).lines).toEqual(['<^5']);
    expect((await weir('get', 'PID-3[1].4.2', 'test/fixtures/delimiters.hl7')).lines).toEqual(['9.9.9']);
  });

  test('gives control id and values of each message as JSON', async () => {
    const outcome = await weir('get', 'OBX[*]-3.1', 'test/fixtures/adt-a01.hl7', '--json');
    expect(JSON.parse(outcome.lines.join(''))).toEqual([{ controlId: 'ADM0000101', values: ['8302-2', '29463-7'] }]);
  });

  test('exits 1 where there is no value, 2 where the path is none', async () => {
    expect((await weir('get', 'PID-99', 'test/fixtures/adt-a01.hl7')).exit).toBe(1);
    const wrong = await weir('get', 'PID3', 'test/fixtures/adt-a01.hl7');
    expect(wrong.exit).toBe(2);
    expect(wrong.complaint).toContain('write it like PID-3[2].4.2');
  });
});
