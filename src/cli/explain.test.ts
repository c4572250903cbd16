/** Promise 5 for whoever asks "did we lose anything?": `weir explain` for one message, `weir coverage` for many. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../settings.ts';

let folder = '';
const msh = (id: string) => String.raw`MSH|^~\&|REG|MAIN|||20260301080000||ADT^A08^ADT_A01|${id}|P|2.5.1`;
const pid = 'PID|1||7001^^^MAIN^MR||Fox^""||19500101|F';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-explain-'));
  const two = [msh('A1'), pid, 'ZPI|1|local', msh('A2'), `${pid}${'|'.repeat(21)}never`, 'ZPI|2', ''].join('\r');
  writeFileSync(join(folder, 'two.hl7'), two);
});
afterAll(() => rmSync(folder, { recursive: true }));

function weir(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'src', 'cli', 'main.ts'), ...args], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

interface Field {
  readonly path: string;
  readonly state: string;
}

describe('weir explain', { timeout: 60_000 }, () => {
  it('says of each field of each message what it became, what left it out, or that it is dropped', () => {
    const { status, stdout } = weir('explain', '--json', join(folder, 'two.hl7'));
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line) as { controlId: string; mapping: string; fields: Field[] });
    expect(lines).toHaveLength(2);
    expect([first?.controlId, first?.mapping, second?.controlId]).toEqual(['A1', 'ADT_A01', 'A2']);
    const of = (path: string) => first?.fields.find((field) => field.path === path);
    expect(of('PID-5[1].1.1')).toMatchObject({
      value: 'Fox',
      state: 'mapped',
      wrote: [
        {
          element: 'Patient.name[0].family',
          rows: ['PID[Patient]#7', expect.stringContaining('XPN[HumanName]'), expect.any(String)],
        },
      ],
    });
    expect(of('PID-5[1].2.1')).toMatchObject({ state: 'mapped', wrote: [], deletes: ['Patient.name[0].given'] });
    expect(of('PID-1[1].1.1')).toMatchObject({ state: 'skipped', why: 'a counter, not data', rows: ['PID[Patient]#3'] });
    expect(of('ZPI-2[1].1.1')).toMatchObject({ value: 'local', state: 'dropped', wrote: [] });
    expect(second?.fields.find(({ path }) => path === 'PID-29[1].1.1')).toMatchObject({ state: 'dropped' });
  });

  it('prints the same for people, and only what is dropped where asked', () => {
    const { stdout } = weir('explain', join(folder, 'two.hl7'));
    expect(stdout).toMatch(/PID-5\[1\]\.1\.1 +mapped +Fox\n +-> Patient\.name\[0\]\.family {3}PID\[Patient\]#7 > /);
    expect(stdout).toMatch(/\d+ fields: \d+ mapped, \d+ skipped, 2 dropped\./);
    const dropped = weir('explain', '--dropped', join(folder, 'two.hl7')).stdout;
    expect(dropped.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      '  ZPI-1[1].1.1  dropped  1',
      '  ZPI-2[1].1.1  dropped  local',
      '  PID-29[1].1.1  dropped  never',
      '  ZPI-1[1].1.1   dropped  2',
    ]);
  });

  it('fails for a message that cannot be mapped, and wants a file', () => {
    writeFileSync(join(folder, 'none.hl7'), 'nothing');
    expect(weir('explain', join(folder, 'none.hl7'))).toMatchObject({ status: 1 });
    expect(weir('explain').status).toBe(2);
    expect(weir('coverage', join(folder, 'missing.hl7')).status).toBe(2);
  });
});

describe('weir coverage', { timeout: 60_000 }, () => {
  it('sums what became of each field over all messages, what is dropped most first', () => {
    const { status, stdout } = weir('coverage', '--json', join(folder, 'two.hl7'));
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as { messages: number; dropped: number; paths: (Field & { dropped: number })[] };
    expect(report).toMatchObject({ messages: 2, filtered: 0, failed: 0, dropped: 4 });
    expect(report.paths.slice(0, 3).map(({ path, dropped }) => [path, dropped])).toEqual([
      ['ZPI-1.1', 2],
      ['PID-29', 1],
      ['ZPI-2.1', 1],
    ]);
    expect(report.paths.find(({ path }) => path === 'PID-7')).toEqual({
      path: 'PID-7',
      messages: 2,
      valued: 2,
      mapped: 2,
      skipped: 0,
      dropped: 0,
      why: [],
    });
    expect(report.paths.find(({ path }) => path === 'PID-3.4.1')).toMatchObject({ valued: 2, mapped: 2 });
  });
});
