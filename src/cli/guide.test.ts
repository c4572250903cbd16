import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../settings.ts';

function guide(...args: string[]): string {
  const command = join(packageRoot, 'src', 'cli', 'main.ts');
  const { stdout, status } = spawnSync(process.execPath, [command, 'guide', ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(status).toBe(0);
  return stdout;
}

describe('weir guide: the score against the HL7 V2-to-FHIR guide (DESIGN, 7)', () => {
  it('names every row once, executed or skipped with its reason', () => {
    const { rows } = JSON.parse(guide('--json')) as { rows: { id: string; state: string; why?: string }[] };
    expect(rows.find(({ id }) => id === 'PID[Patient]#5')).toEqual({ id: 'PID[Patient]#5', state: 'executed' });
    expect(rows.find(({ id }) => id === 'PID[Patient]#3')).toMatchObject({ state: 'skipped', why: expect.any(String) });
    expect(rows.find(({ id }) => id === 'AdministrativeSex#3')).toMatchObject({ state: 'executed' });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const { state, why } of rows) expect(why === undefined || why === '').toBe(state === 'executed');
  });

  it('prints rows, executed and skipped by map and in sum, and the reasons', () => {
    const lines = guide().split('\n');
    expect(lines.find((line) => line.startsWith('PID[Patient] '))).toMatch(/^PID\[Patient\]( +\d+){5} +\d+\.\d %$/);
    const [rows = 0, executed = 0, skipped = 0] = (lines.find((line) => line.startsWith('The guide ')) ?? '')
      .slice(9)
      .trim()
      .split(/ +/)
      .map(Number);
    expect(executed).toBeGreaterThan(0);
    expect(executed + skipped).toBe(rows);
    expect(lines).toContain('Skipped, and why');
  });
});
