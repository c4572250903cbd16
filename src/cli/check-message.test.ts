import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../settings.ts';

const header = 'MSH|^~\\&|EHR|MERCY|WEIR|MERCY|20260301080000||ADT^A01^ADT_A01|C1|P|2.5.1';
const good = [header, 'EVN||20260301080000', 'PID|||4711^^^MERCY^MR||Huber^Anna', 'PV1||I'].join('\r');
const bad = good.replace('20260301080000\rPID', '20260230\rPID').replace('|C1|', '|C2|');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-check-message-'));
  writeFileSync(join(folder, 'good.hl7'), good);
  writeFileSync(join(folder, 'both.hl7'), `${good}\r${bad}\r`);
  writeFileSync(join(folder, 'none.hl7'), 'nothing');
  writeFileSync(
    join(folder, 'site.yaml'),
    'profile: site\nrules: [{path: PID-8, usage: R}, {path: PV1-2, values: [O], severity: warning}]\n',
  );
  writeFileSync(join(folder, 'broken.yaml'), 'profile: site\nrules: [{path: PID-99, usage: R}]\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function check(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'src', 'cli', 'main.ts'), 'check', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('weir check --message: exit 0 good, 1 the message is bad, 2 misuse (DESIGN, 7)', () => {
  it('says that a good message is good', () => {
    expect(check('--message', 'good.hl7')).toEqual({
      status: 0,
      stdout: 'Nothing to find: 1 message as the standard has it.\n',
      stderr: '',
    });
  });

  it('prints a line a finding, with the message of the file and the place in it', () => {
    const { status, stdout } = check('--message', 'both.hl7');
    expect(status).toBe(1);
    expect(stdout).toBe(
      'both.hl7#2 EVN-2.1 error 102 The value is no DTM (there is no such day); correct it.\n1 error, 0 warnings, 0 for information.\n',
    );
  });

  it('checks against a profile as well', () => {
    const { status, stdout } = check('--message', 'good.hl7', '--profile', 'site.yaml', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      messages: [
        {
          source: 'good.hl7#1',
          type: 'ADT^A01',
          controlId: 'C1',
          findings: [
            expect.objectContaining({ location: 'PID-8', code: '101', severity: 'error' }),
            expect.objectContaining({ location: 'PV1-2', code: '103', severity: 'warning' }),
          ],
        },
      ],
    });
  });

  it.each([
    [['--message', 'none.hl7'], 1, 'holds no HL7 v2 message'],
    [['--message', 'absent.hl7'], 2, 'could not be read'],
    [['--message', 'good.hl7', '--profile', 'absent.yaml'], 2, 'The profile absent.yaml could not be read'],
    [['--message', 'good.hl7', '--profile', 'broken.yaml'], 2, 'broken.yaml:2:16 error unknown-v2-path'],
    [['--profile', 'site.yaml'], 2, 'go with --message'],
    [['--message', 'good.hl7', 'both.hl7'], 2, 'go with --message'],
  ])('%j: exit %d', (args, exit, said) => {
    const { status, stderr } = check(...args);
    expect(status).toBe(exit);
    expect(stderr).toContain(said);
  });
});
