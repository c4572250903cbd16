/** `weir send --tls`, as it is typed. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildAck } from '../../src/hl7/ack.ts';
import { Message } from '../../src/hl7/message.ts';
import type { Listener } from '../../src/listen/listener.ts';
import { serverOptions } from '../../src/tls.ts';
import { writeAll } from '../support/certificates.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { bench } from './support/bench.ts';
import { credentials, declared, epic, hospital, ours, stranger } from './support/tls-bench.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: TempFolder;
let files: Record<'ca' | 'cert' | 'key' | 'other' | 'stranger', string>;

beforeAll(async () => {
  folder = await tempFolder('send-tls');
  files = writeAll(folder.path, {
    ...{ ca: hospital.cert, cert: epic.cert, key: epic.key },
    ...{ other: ours.key, stranger: stranger.cert },
  });
});
afterAll(() => folder.remove());

/** A receiver that asks for a certificate and answers by Weir's own ACK rules. */
async function receiver(): Promise<Listener> {
  const { listener } = await bench({
    tls: serverOptions(declared({ clients: 'required' }), credentials(ours)),
    receive: async ({ bytes, receivedAt }) => ({
      bytes: buildAck(Message.parse(bytes), null, { time: receivedAt, controlId: 'W1' })?.bytes ?? null,
    }),
  });
  return listener;
}

function send(port: number, ...args: string[]): Promise<{ exit: number; output: string; complaint: string }> {
  const all = ['src/cli/main.ts', 'send', '--to', `127.0.0.1:${port}`, ...args, 'test/fixtures/adt-a01.hl7'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, all, { cwd: root }, (_, output, complaint) =>
      resolve({ exit: child.exitCode ?? -1, output, complaint }),
    );
  });
}

test('over mutual TLS', async () => {
  const { port } = await receiver();
  const sent = await send(port, '--tls', '--ca', files.ca, '--cert', files.cert, '--key', files.key);
  expect(sent).toEqual({ exit: 0, output: 'AA ADM0000101\n', complaint: '' });
});

test.each([
  ['without the certificate that the receiver asks for', () => ['--tls', '--ca', files.ca]],
  [
    'to a receiver whose authority is not known',
    () => ['--tls', '--ca', files.stranger, '--cert', files.cert, '--key', files.key],
  ],
  [
    'to a receiver of another name',
    () => ['--tls', '--ca', files.ca, '--cert', files.cert, '--key', files.key, '--servername', 'lab.hospital.example'],
  ],
])('%s: nothing is sent, exit 1', async (_, args) => {
  const { port } = await receiver();
  const { exit, output } = await send(port, ...args());
  expect(exit).toBe(1);
  expect(output).toMatch(/^-- ADM0000101 .+; .+\n$/);
});

test.each([
  [['--ca', 'ca.crt'], /add --tls/],
  [['--tls', '--cert', 'a.crt'], /--cert and --key go together/],
  [['--tls', '--ca', 'nowhere.crt'], /--ca: .+cannot be read/],
])('%j is misuse, exit 2', async (args, complaint) => {
  const sent = await send(1, ...args);
  expect(sent).toMatchObject({ exit: 2, output: '', complaint: expect.stringMatching(complaint) });
});

test('a key of another certificate is found before anything is sent', async () => {
  const sent = await send(1, '--tls', '--cert', files.cert, '--key', files.other);
  expect(sent).toMatchObject({ exit: 2, complaint: expect.stringMatching(/does not belong to the certificate/) });
});
