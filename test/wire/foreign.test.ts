/** A sender that was not written here: node-hl7-client, one message at a time (it cannot have two in flight). */
import { readFileSync } from 'node:fs';
import Client, { Message as ForeignMessage } from 'node-hl7-client';
import { afterEach, expect, test } from 'vitest';
import { buildAck } from '../../src/hl7/ack.ts';
import { Message } from '../../src/hl7/message.ts';
import { type Listener, startListener } from '../../src/listen/listener.ts';

const fixtures = ['adt-a01', 'adt-a03', 'adt-a04', 'adt-a08', 'oru-r01'];
const running: Listener[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.stop(0)));
});

test('delivers the fixtures and reads our ACKs', { timeout: 30_000 }, async () => {
  const got: Message[] = [];
  const listener = await startListener({
    channel: 'test',
    host: '127.0.0.1',
    port: 0,
    maxFrame: 1_000_000,
    frameTimeout: 10_000,
    idleTimeout: 0,
    async receive({ bytes, receivedAt }) {
      const message = Message.parse(bytes);
      got.push(message);
      return { bytes: buildAck(message, null, { time: receivedAt, controlId: `W${got.length}` })?.bytes ?? null };
    },
    trouble: () => {},
  });
  running.push(listener);
  const answers: string[] = [];
  for (const name of fixtures) {
    const text = readFileSync(new URL(`../fixtures/${name}.hl7`, import.meta.url), 'utf8');
    // It refuses messages of another version than its connection's.
    const version = Message.fromText(text).version as '2.5.1';
    await new Promise<void>((resolve, reject) => {
      const client = new Client({ host: '127.0.0.1', version });
      const connection = client.createConnection({ port: listener.port, version }, async (response) => {
        const ack = response.getMessage();
        answers.push(`${ack.get('MSA.1').toString()} ${ack.get('MSA.2').toString()}`);
        await connection.close();
        resolve();
      });
      connection.sendMessage(new ForeignMessage({ text })).catch(reject);
    });
  }
  const ids = ['ADM0000101', 'ADM0000245', 'REG0000077', 'ADM0000133', 'RES0003301'];
  expect(got.map((message) => message.controlId)).toEqual(ids);
  expect(answers).toEqual(ids.map((id) => `AA ${id}`));
  expect(got[0]?.get('PID-5.1')).toBe('Lindqvist');
});
