import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings } from '../map/defaults.ts';
import { packageRoot } from '../settings.ts';
import { loadConfig } from './load.ts';

const good = join(packageRoot, 'test', 'check', 'base');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-channels-'));
  cpSync(join(good, 'channels'), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(env: Record<string, string | undefined> = {}) {
  return loadConfig({ channels: folder, mappings: good, env });
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const channel = `channel: adt
listen: {mllp: {port: "\${PORT:-2575}"}, types: [ADT^*]}
route:
  - {when: ADT^A01 and PID-3.4 = "MERCY", map: ADT_A01}
  - {filter: everything else is for another system}
deliver:
  - {to: cdr, fhir: "\${CDR}", send: batch, headers: {Authorization: "Bearer \${TOKEN}"}, retry: {max: 10m}}
settings: {timezone: Europe/Berlin, unknown-authority: "urn:x:{namespace}"}
`;

describe('a channel file', () => {
  it('becomes a channel with every default filled in', async () => {
    write('adt.yaml', channel);
    const { config, findings } = await load({ CDR: 'https://cdr.example/fhir', TOKEN: 'abc' });
    expect(findings).toEqual([]);
    expect(config?.channels.find(({ name }) => name === 'adt')).toMatchObject({
      description: '',
      listen: {
        port: 2575,
        from: [],
        types: ['ADT^*'],
        maxFrame: 16_777_216,
        frameTimeout: 60_000,
        idleTimeout: 0,
        charset: null,
      },
      orderBy: 'PID-3.1',
      duplicates: null,
      conform: null,
      route: [
        { kind: 'map', mapping: 'ADT_A01', text: 'ADT^A01 and PID-3.4 = "MERCY"', source: { line: 4, column: 5 } },
        { kind: 'filter', reason: 'everything else is for another system', when: { kind: 'and', terms: [] } },
      ],
      destinations: [
        {
          name: 'cdr',
          fhir: 'https://cdr.example/fhir',
          concurrency: 8,
          timeout: 30_000,
          headers: { Authorization: 'Bearer abc' },
          retry: { first: 1000, max: 600_000, for: 259_200_000 },
        },
      ],
      settings: { ...defaultSettings, bundle: 'batch', timezone: 'Europe/Berlin', unknownAuthority: 'urn:x:{namespace}' },
      invalid: 'park',
      parked: 'go-on',
    });
  });

  it('takes its port from the environment', async () => {
    write('adt.yaml', channel);
    const { config } = await load({ CDR: 'https://cdr.example/fhir', TOKEN: 'abc', PORT: '0' });
    expect(config?.channels[0]?.listen.port).toBe(0);
  });

  it('with a fault gives no configuration at all (promise 8), and every finding', async () => {
    write('adt.yaml', channel);
    const { config, findings } = await load();
    expect(config).toBeNull();
    expect(findings.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['unset-variable', 7, 22],
      ['unset-variable', 7, 77],
    ]);
  });
});

it('a test without its message is found', async () => {
  write(
    'a.yaml',
    `${channel.replaceAll(/\$\{(CDR|TOKEN)\}/g, 'https://a.example/')}tests:\n  - {name: one, given: fixtures/none.hl7, expect: {ack: AA}}\n`,
  );
  const { findings } = await load();
  expect(findings.map(({ code, line, column }) => [code, line, column])).toContainEqual(['missing-fixture', 10, 24]);
});

it('a folder that cannot be read is found', async () => {
  const { config, findings } = await loadConfig({ channels: join(folder, 'none'), mappings: good, env: {} });
  expect(config).toBeNull();
  expect(findings.map(({ code }) => code)).toEqual(['unreadable-file']);
});

describe("the repository's own channels", () => {
  const own = { channels: join(packageRoot, 'channels'), mappings: join(packageRoot, 'mappings'), env: {} };

  it('and mappings give no error, and no finding in the channels', async () => {
    const { findings } = await loadConfig(own);
    expect(findings.filter(({ severity, file }) => severity === 'error' || file.startsWith(own.channels))).toEqual([]);
  });

  it('take any sender, on ports that the environment may move', async () => {
    const { config } = await loadConfig({ ...own, env: { ADT_PORT: '3575', LAB_PORT: '3576', ORDERS_PORT: '3577' } });
    expect(config?.channels.map(({ name, listen }) => [name, listen.port, listen.from])).toEqual([
      ['adt', 3575, []],
      ['lab', 3576, []],
      ['orders', 3577, []],
    ]);
  });
});
