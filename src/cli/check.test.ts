import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../settings.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-check-'));
  cpSync(join(packageRoot, 'test', 'check', 'base'), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

function check(...args: string[]) {
  const env = { ...process.env, WEIR_CHANNELS: join(folder, 'channels'), WEIR_MAPPINGS: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'src', 'cli', 'main.ts'), 'check', ...args], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('weir check: exit 0 good, 1 the thing checked is bad, 2 misuse (DESIGN, 7)', () => {
  it('says that good files are good', () => {
    expect(check()).toEqual({ status: 0, stdout: 'Nothing to find: channels and mappings are good.\n', stderr: '' });
  });

  it('prints a line a finding with its place, or all of them as JSON, for the files named', () => {
    writeFileSync(
      join(folder, 'channels', 'bad.yaml'),
      'channel: bad\nlisten: {mllp: {port: 2601}}\nroute: [{map: ADT_A02}]\ndeliver: [{to: cdr, fhir: sandbox}]\n',
    );
    const { status, stdout } = check();
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^channels\/bad\.yaml:3:15 error unknown-message-map There is no message map ADT_A02 .*\n1 error, 0 warnings\.\n$/,
    );
    const json = check('--json', 'channels/bad.yaml');
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      findings: [
        { file: join(folder, 'channels', 'bad.yaml'), line: 3, column: 15, severity: 'error', code: 'unknown-message-map' },
      ],
    });
    expect(check('channels/base.yaml').status).toBe(0);
  });

  it('refuses a file that is no part of the configuration', () => {
    const { status, stderr } = check('channels/none.yaml');
    expect(status).toBe(2);
    expect(stderr).toContain('none.yaml is no part of the configuration');
  });
});
