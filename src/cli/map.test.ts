/** `weir map --ndjson`: one line a message, also for those that fail. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../settings.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-map-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly source: string;
  readonly type: string;
  readonly controlId: string;
  readonly mapping: string | null;
  readonly bundle: { readonly resourceType: string; readonly entry?: unknown[] } | null;
  readonly unmappedCodes: unknown[];
  readonly dropped: { readonly path: string }[];
  readonly issues: unknown[];
  readonly error: { readonly code: string; readonly text: string } | null;
}

function weir(
  args: readonly string[],
  input?: string | Uint8Array,
): { code: number | null; lines: Line[]; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'src/cli/main.ts'), 'map', ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = args.includes('--ndjson')
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line)
    : [];
  return { code: status, lines, out: stdout, err: stderr };
}

const adt = (control: string, event = 'A01') =>
  [String.raw`MSH|^~\&|S|F|||20240102||ADT^${event}|${control}|P|2.5.1`, 'PID|1||77^^^MAIN||Doe^Jane', 'ZZZ|1'].join('\r');
const keys = ['source', 'type', 'controlId', 'mapping', 'bundle', 'unmappedCodes', 'dropped', 'issues', 'error'];

describe('a line', () => {
  test('has exactly the fields of the design, for a message that maps', () => {
    const { code, lines } = weir(['--ndjson', '-'], adt('C1'));
    expect(code).toBe(0);
    expect(lines.map((line) => Object.keys(line))).toEqual([keys]);
    expect(lines[0]).toMatchObject({
      source: '-#1',
      type: 'ADT^A01',
      controlId: 'C1',
      mapping: 'ADT_A01',
      bundle: { resourceType: 'Bundle' },
      error: null,
    });
    expect(lines[0]?.dropped).toContainEqual({ path: 'ZZZ-1[1].1.1' });
  });

  test('says why a message has no bundle: a type without a mapping, bytes that are no message', () => {
    const { code, lines } = weir(['--ndjson', '-'], adt('C1', 'Z99'));
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { type: 'ADT^Z99', controlId: 'C1', mapping: null, bundle: null, error: { code: 'route-none' } },
    ]);
    const junk = weir(['--ndjson', '-'], 'no message');
    expect(junk).toMatchObject({
      code: 1,
      lines: [{ source: '-#1', type: '', bundle: null, error: { code: 'hl7-not-a-message' } }],
    });
    expect(Object.keys(junk.lines[0] ?? {})).toEqual(keys);
  });
});

describe('a file', () => {
  test.each([
    ['many messages', [adt('A'), adt('B')].join('\r')],
    ['a batch', [String.raw`FHS|^~\&`, String.raw`BHS|^~\&`, adt('A'), adt('B'), 'BTS|2', 'FTS|1'].join('\r')],
    ['MLLP frames', `\u000b${adt('A')}\r\u001c\r\u000b${adt('B')}\r\u001c\r`],
  ])('may hold %s', (_name, text) => {
    const file = join(folder, 'several.hl7');
    writeFileSync(file, text);
    expect(weir(['--ndjson', file]).lines.map(({ source, controlId }) => [source, controlId])).toEqual([
      [`${file}#1`, 'A'],
      [`${file}#2`, 'B'],
    ]);
  });

  test('one message that fails does not keep the others from being mapped', () => {
    const { code, lines } = weir(['--ndjson', '-'], [adt('A', 'Z99'), adt('B')].join('\r'));
    expect(code).toBe(1);
    expect(lines.map(({ error }) => error?.code ?? null)).toEqual(['route-none', null]);
  });

  test('that is not there is misuse', () => expect(weir(['--ndjson', 'missing.hl7'])).toMatchObject({ code: 2, lines: [] }));
});

describe('options', () => {
  test('--mapping maps every message by that map', () => {
    expect(weir(['--ndjson', '--mapping', 'ADT_A01', '-'], adt('C', 'Z99')).lines).toMatchObject([
      { mapping: 'ADT_A01', error: null },
    ]);
    expect(weir(['--mapping', 'NONE', '-'], adt('C'))).toMatchObject({ code: 2, out: '' });
  });

  test('--channel maps as the channel does; one that is not there is misuse', () => {
    expect(weir(['--ndjson', '--channel', 'adt', '-'], adt('C')).lines).toMatchObject([{ mapping: 'ADT_A01', error: null }]);
    expect(weir(['--channel', 'none', '-'], adt('C')).code).toBe(2);
  });

  test('no file, or two ways to choose a mapping, is misuse', () => {
    expect(weir([]).code).toBe(2);
    expect(weir(['--channel', 'adt', '--mapping', 'ADT_A01', '-'], adt('C')).code).toBe(2);
  });

  test('without --ndjson the bundle is printed for people, and what is wrong goes to standard error', () => {
    const { out, err, code } = weir(['-'], [adt('A'), adt('B', 'Z99')].join('\r'));
    expect(JSON.parse(out)).toMatchObject({ resourceType: 'Bundle' });
    expect(err).toContain('-#2: No route');
    expect(code).toBe(1);
  });
});

const corpus = join(packageRoot, '../shared/corpus');
describe.skipIf(!existsSync(corpus))('the development corpus (skipped where ../shared/corpus is absent)', () => {
  test('every file makes well-formed lines, and every message of a covered type a bundle', () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hl7'))
      .map((name) => join(corpus, name));
    const { lines } = weir(['--ndjson', ...files]);
    expect(lines.length).toBeGreaterThanOrEqual(files.length);
    for (const line of lines) expect(Object.keys(line)).toEqual(keys);
    const failed = lines.filter(({ error }) => error !== null && error.code !== 'route-none');
    expect(failed.map(({ source, error }) => `${source} ${error?.code}`)).toEqual([]);
    expect(lines.filter(({ bundle }) => bundle !== null).length).toBeGreaterThan(40);
  });
});
