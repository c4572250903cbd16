/** `conform:` of a channel: what becomes of messages that are not what the standard and the profile have. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlayedDestination, playDestination } from '../support/destination.ts';
import { type Dialled, dial } from '../support/dial.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let destination: PlayedDestination;
let weir: Weir;
let remove: () => Promise<void>;
let number = 0;
const senders = new Map<string, Dialled>();

beforeAll(async () => {
  const data = await tempFolder('conform');
  remove = data.remove;
  destination = await playDestination();
  destination.behave(() => 'ok');
  weir = await prepareWeir({
    channels: join(import.meta.dirname, 'conform'),
    ports: ['REPORT_PORT', 'PARK_PORT', 'REJECT_PORT'],
    dataDir: data.path,
    env: { FLOW_FHIR: destination.url },
  });
  await weir.start();
  for (const name of ['REPORT_PORT', 'PARK_PORT', 'REJECT_PORT']) senders.set(name, await dial(weir.ports[name] ?? 0));
}, 90_000);
afterAll(async () => {
  for (const sender of senders.values()) sender.close();
  await weir?.stop();
  await destination?.stop();
  await remove?.();
});

interface Parts {
  readonly authority?: string;
  readonly sex?: string;
  readonly version?: string;
  readonly born?: string;
  readonly event?: string;
}

function adt({ authority = 'MERCY', version = '2.5.1', born = '19800131', event = 'A01' }: Parts = {}): {
  id: string;
  text: string;
} {
  const id = `C${++number}`;
  const text = [
    `MSH|^~\\&|EHR|MERCY|WEIR|X|20260301120000||ADT^${event}|${id}|P|${version}`,
    'EVN||20260301120000',
    `PID|||conform-${id}^^^${authority}^MR||Doe^Jane||${born}|F`,
    'NK1|1|Doe^John',
    'PV1|1|I',
    '',
  ].join('\r');
  return { id, text };
}

async function answer(port: string, text: string): Promise<string[]> {
  const sender = senders.get(port) as Dialled;
  sender.send(text);
  return (await sender.next()).split(/[\r\n]+/).filter(Boolean);
}

interface Detail {
  readonly id: string;
  readonly controlId: string;
  readonly state: string;
  readonly cause: { code: string; text: string } | null;
  readonly findings: { location: string; code: string; severity: string; text: string }[];
}

async function api<T>(path: string, method = 'GET'): Promise<T> {
  const response = await fetch(`${weir.http}/api${path}`, { method });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function message(controlId: string, state: string): Promise<Detail> {
  for (const deadline = Date.now() + 20_000; ; await sleep(25)) {
    const { messages } = await api<{ messages: Detail[] }>('/messages?limit=200');
    const line = messages.find((one) => one.controlId === controlId);
    const detail = line && (await api<Detail>(`/messages/${line.id}`));
    if (detail?.state === state) return detail;
    if (Date.now() > deadline) throw new Error(`waited in vain; last: ${JSON.stringify(detail)}\n${weir.output()}`);
  }
}

const places = ({ findings }: Detail) => findings.map(({ location, code, severity }) => `${location} ${code} ${severity}`);

describe('then: report', () => {
  it('delivers the message, and keeps what was found with it', async () => {
    const { id, text } = adt({ authority: 'ELSEWHERE', born: '19800230' });
    expect((await answer('REPORT_PORT', text))[1]).toBe(`MSA|AA|${id}`);
    const kept = await message(id, 'delivered');
    expect(places(kept)).toEqual(['PID-7.1 102 error', 'PID-3.4 103 error']);
    expect(JSON.stringify(kept.findings)).not.toContain('ELSEWHERE');
  });

  it('keeps nothing of a message that conforms', async () => {
    const { id, text } = adt();
    await answer('REPORT_PORT', text);
    expect((await message(id, 'delivered')).findings).toEqual([]);
  });

  it('counts', async () => {
    const metrics = await (await fetch(`${weir.http}/metrics`)).text();
    expect(metrics).toMatch(/^weir_nonconforming_total\{channel="conform-report"[^}]*\} 1$/m);
  });
});

describe('then: park', () => {
  it('parks the message before it is mapped, with its cause; warnings let it go on', async () => {
    const bad = adt({ authority: 'ELSEWHERE' });
    expect((await answer('PARK_PORT', bad.text))[1]).toBe(`MSA|AA|${bad.id}`);
    const parked = await message(bad.id, 'parked');
    expect(parked.cause?.code).toBe('conform-parked');
    expect(parked.cause?.text).toContain('(PID-3.4)');
    expect(places(parked)).toEqual(['PID-3.4 103 error']);
    const fair = adt();
    await answer('PARK_PORT', fair.text.replace('NK1|1|Doe^John\r', ''));
    expect(places(await message(fair.id, 'delivered'))).toEqual(['NK1 100 warning']);
  });

  it('checks again when it is replayed', async () => {
    const { id, text } = adt({ authority: 'ELSEWHERE' });
    await answer('PARK_PORT', text);
    const parked = await message(id, 'parked');
    await api(`/messages/${parked.id}/replay`, 'POST');
    expect(places(await message(id, 'parked'))).toEqual(['PID-3.4 103 error']);
  });
});

describe('then: reject (HL7 2.9, 2.9.2.2)', () => {
  it('answers AE with an ERR for each error, and keeps the message as refused', async () => {
    const { id, text } = adt({ authority: 'ELSEWHERE', born: '19800230' });
    const [, msa, ...errors] = await answer('REJECT_PORT', text);
    expect(msa).toMatch(new RegExp(`^MSA\\|AE\\|${id}\\|`));
    expect(errors.map((error) => error.split('|').slice(2, 5))).toEqual([
      ['PID^1^7^1^1', '102^Data type error^HL70357', 'E'],
      ['PID^1^3^1^4', '103^Table value not found^HL70357', 'E'],
    ]);
    const refused = await message(id, 'refused');
    expect(refused.cause?.code).toBe('conform-rejected');
    expect(places(refused)).toEqual(['PID-7.1 102 error', 'PID-3.4 103 error']);
  });

  it('answers AR where it is about the type or version of the message', async () => {
    const { id, text } = adt({ event: 'A0X' });
    const [, msa, error] = await answer('REJECT_PORT', text);
    expect(msa).toMatch(new RegExp(`^MSA\\|AR\\|${id}\\|`));
    expect(error).toContain('|MSH^1^9^1^2|201^Unsupported event code^HL70357|E|');
    expect((await message(id, 'refused')).cause?.code).toBe('conform-header');
  });

  it('names at most ten errors; before 2.5 as repetitions of the one ERR', async () => {
    const many = adt();
    const lines = Array.from({ length: 12 }, (_, index) => `DG1|${index + 1}||||no date|W`);
    const errors = (await answer('REJECT_PORT', `${many.text}${lines.map((line) => `${line}\r`).join('')}`)).slice(2);
    expect(errors).toHaveLength(10);
    const old = adt({ authority: 'ELSEWHERE', born: '19800230', version: '2.4' });
    expect((await answer('REJECT_PORT', old.text)).slice(2)).toEqual([
      'ERR|PID^1^7^102&Data type error&HL70357~PID^1^3^103&Table value not found&HL70357',
    ]);
  });

  it('takes what conforms, and the conservation sum holds (promise 2)', async () => {
    const { id, text } = adt();
    expect((await answer('REJECT_PORT', text))[1]).toBe(`MSA|AA|${id}`);
    await message(id, 'delivered');
    const { channels } = await api<{ channels: (Record<string, number> & { name: string })[] }>('/channels');
    for (const { received = 0, delivered = 0, filtered = 0, waiting = 0, parked = 0, refused = 0, name } of channels) {
      expect(delivered + filtered + waiting + parked, name).toBe(received);
      expect(refused).toBe(String(name) === 'conform-reject' ? 4 : 0);
    }
  });
});
