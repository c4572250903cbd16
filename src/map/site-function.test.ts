/** Site functions: typed, pure, limited in time, and nothing of Weir in their reach. */
import { describe, expect, it } from 'vitest';
import { mapperOf, messageOf, received } from '../../test/support/mapping.ts';
import { readMappingTexts } from '../channel/mappings.ts';
import { readSiteModule } from '../channel/site-functions.ts';
import type { Finding } from '../channel/types.ts';
import { compile } from './compile.ts';
import { defaultSettings } from './defaults.ts';

const file = 'sites/mercy/own.ts';

function map(code: string, name: string, pid: string, to = 'name.text', from = 'PID-5') {
  const read = readMappingTexts([
    { kind: 'sites', file, text: code },
    {
      kind: 'segments',
      file: 'segments/PID[Patient].yaml',
      text: `map: PID[Patient]\nsegment: PID\nresource: Patient\nrows: [{from: ${from}, to: ${to}, use: ./sites/mercy/own.ts#${name}}]`,
    },
    {
      kind: 'messages',
      file: 'messages/M.yaml',
      text: 'message: M\nfor: []\nbuild: [{skip: MSH, why: x}, {segment: PID, make: Patient, as: p, map: "PID[Patient]"}]',
    },
  ]);
  expect(read.findings).toEqual([]);
  const result = compile(read.mappings, defaultSettings).map('M', messageOf(pid), { receivedAt: received });
  const {
    resourceType: _type,
    id: _id,
    ...patient
  } = { ...(result.bundle.entry?.[0]?.resource as object | undefined) } as Record<string, unknown>;
  return {
    patient,
    issues: result.issues.map(({ code: kind, path, text }) => `${kind} ${path} ${text}`),
    ledger: result.ledger(),
  };
}

describe('a site function', () => {
  it('gives a text, an element or nothing of a value and its components', () => {
    const code = `import type { SiteFunction } from '../types.ts';
const shorten = (text: string): string => text.slice(0, 1);
export const initials: SiteFunction = ({ components }) => components.map(([first]) => shorten(first ?? '')).join('');
export function whole({ text }: { text: string }) { return text === 'Fox' ? { text, use: 'usual' } : null; }`;
    expect(map(code, 'initials', 'PID|||||Fox&of^Ann').patient).toEqual({ name: [{ text: 'FA' }] });
    expect(map(code, 'whole', 'PID|||||Fox', 'name').patient).toEqual({ name: [{ text: 'Fox', use: 'usual' }] });
    expect(map(code, 'whole', 'PID|||||Bear', 'name')).toMatchObject({ patient: {}, issues: [] });
  });

  it('whose result is of no use is an issue like any value that does not convert', () => {
    const { patient, issues } = map(`export const born = () => 'soon';`, 'born', 'PID|||||||1950', 'birthDate', 'PID-7');
    expect(patient).toEqual({});
    expect(issues).toEqual([expect.stringMatching(/^bad-date PID-7 /)]);
  });

  it('that throws, or does not end, is an issue of its value, without the value in it', () => {
    const thrown = map(`export const f = (value) => { throw new Error('no ' + value.text); };`, 'f', 'PID|||||Secret');
    expect(thrown.issues).toEqual([expect.stringMatching(/^bad-value PID-5 .*the function f failed or took more than a second/)]);
    expect(thrown.issues.join()).not.toContain('Secret');
    const started = performance.now();
    const endless = map('export const f = () => { for (;;) {} };', 'f', 'PID|||||Fox');
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(endless.issues).toEqual([expect.stringMatching(/^bad-value PID-5 /)]);
    expect(endless.ledger.find(({ path }) => path.startsWith('PID-5'))?.state).toBe('dropped');
  });

  it('reaches no process, no module, no clock and no chance', () => {
    const names = ['process', 'require', 'fetch', 'Date', 'setTimeout', 'Buffer', 'WebAssembly', 'console', 'performance'];
    const code = `export const f = () => ${JSON.stringify(names)}.filter((name) => name in globalThis).join() + typeof Math.random;`;
    expect(map(code, 'f', 'PID|||||Fox').patient).toEqual({ name: [{ text: 'undefined' }] });
    const escaped = map(`export const f = (value) => value.constructor.constructor('return process')().pid;`, 'f', 'PID|||||Fox');
    expect(escaped).toMatchObject({ patient: {}, issues: [expect.stringMatching(/^bad-value/)] });
  });
});

describe('a file of site functions', () => {
  const faults = (text: string): string[] => {
    const findings: Finding[] = [];
    readSiteModule(file, text, findings);
    return findings.map(({ code, line, column }) => `${code} ${line}:${column}`);
  };

  it('imports nothing but types, keeps no state, and can be read', () => {
    expect(faults(`import type { A } from './a.ts';\nexport const f = (x: A): A => x;`)).toEqual([]);
    expect(faults(`\nimport { readFileSync } from 'node:fs';`)).toEqual(['bad-function 2:1']);
    expect(faults(`export const f = async () => await import('node:fs');`)).toEqual(['bad-function 1:36']);
    expect(faults(`export * from './b.ts';`)).toEqual(['bad-function 1:1']);
    expect(faults('const a = 1;\nlet seen = 0;\nexport const f = () => seen++;')).toEqual(['bad-function 2:1']);
    expect(faults('export default () => 1;')).toEqual(['bad-function 1:1']);
    expect(faults('export const f = ;')).toEqual(['bad-function 1:1']);
    expect(faults('enum A { B }')).toEqual(['bad-function 1:1']);
  });
});

it('the library goes before: a name without a path is its function', () => {
  const rows = 'map: PID[Patient]\nsegment: PID\nresource: Patient\nrows: [{from: PID-5, to: name.text, use: personName}]';
  const message = 'message: M\nfor: []\nbuild: [{skip: MSH, why: x}, {segment: PID, make: Patient, map: "PID[Patient]"}]';
  const result = mapperOf([rows, message]).map('M', messageOf('PID|||||Fox^Ann'), { receivedAt: received });
  expect(result.bundle.entry?.[0]?.resource).toMatchObject({ name: [{ text: 'Ann Fox' }] });
});
