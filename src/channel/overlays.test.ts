/** Overlays: a site adds, replaces and skips rows by name, and never edits the base (DESIGN, 6). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentOf, messageOf, received, resourcesOf } from '../../test/support/mapping.ts';
import { compile } from '../map/compile.ts';
import { defaultSettings } from '../map/defaults.ts';
import { listMapping } from '../map/listing.ts';
import type { Mappings } from '../map/mapping.ts';
import { packageRoot } from '../settings.ts';
import { loadConfig } from './load.ts';
import { type MappingText, readMappingTexts } from './mappings.ts';
import { layOver } from './overlaid.ts';
import { mappingsOf } from './types.ts';

const base = join(packageRoot, 'test', 'check', 'base');
const ofBase: MappingText[] = (['messages', 'segments', 'datatypes', 'vocab', 'sites'] as const).flatMap((kind) => {
  const folder = kind === 'sites' ? 'sites/mercy' : kind;
  return readdirSync(join(base, folder)).map((name) => ({
    kind,
    file: `${folder}/${name}`,
    text: readFileSync(join(base, folder, name), 'utf8'),
  }));
});

function laid(overlays: string[], ...more: MappingText[]): Mappings {
  const read = readMappingTexts([...ofBase, ...more]);
  expect(read.findings).toEqual([]);
  const [found] = layOver(read, [overlays], []);
  return found?.mappings ?? read.mappings;
}

const pid = `PID|1||7^^^A||Doe||19000101|F${'|'.repeat(42)}Acme`;
const message = messageOf(pid, 'ZPI|8~9|en^English', 'PV1|1|I');
const map = (mappings: Mappings) => compile(mappings, defaultSettings).map('ADT_A01', message, { receivedAt: received });

describe('an overlay', () => {
  it('adds, replaces and skips rows, maps Z segments and local fields as declared, and says so in trace and ledger', () => {
    const result = map(laid(['mercy']));
    expect(contentOf(result, 'Patient')).toMatchObject({
      gender: 'female',
      maritalStatus: { text: 'Acme' },
      communication: [{ language: { coding: [{ code: 'en', display: 'English' }] } }],
    });
    const patient = contentOf(result, 'Patient');
    expect(patient?.identifier).toMatchObject([{ value: '7' }, { value: '8' }, { value: '9' }]);
    expect(patient).not.toHaveProperty('birthDate');
    expect(patient).not.toHaveProperty('name');
    expect(result.trace.find(({ path }) => path === 'maritalStatus.text')?.rows).toEqual(['PID[Patient]#employer']);
    expect(result.trace.find(({ path }) => path === 'identifier[2].value')?.rows[0]).toBe('ZPI[Patient]@mercy:5');
    const ledger = result.ledger();
    expect(ledger.find(({ path }) => path === 'PID-5[1].1.1')).toMatchObject({
      state: 'skipped',
      rows: ['PID[Patient]#7'],
      why: 'names are kept at the source',
    });
    expect(ledger.find(({ path }) => path === 'ZPI-1[2].1.1')).toMatchObject({ state: 'mapped' });
  });

  it('leaves the base as it is, for the channels without it', () => {
    const read = readMappingTexts(ofBase);
    const before = JSON.stringify([...read.mappings.segments], null, 1);
    layOver(read, [['mercy']], []);
    expect(JSON.stringify([...read.mappings.segments], null, 1)).toBe(before);
    expect(contentOf(map(read.mappings), 'Patient')).toMatchObject({ birthDate: '1900-01-01', name: [{ family: 'Doe' }] });
  });

  it('is one of several that are laid over in their order', () => {
    const ward = (text: string): MappingText => ({ kind: 'sites', file: 'sites/ward/PID.yaml', text });
    const change = ward(
      'change-map: PID[Patient]\nreplace: [{row: employer, name: employer, from: PID-50, to: maritalStatus.coding.display}]',
    );
    const other = map(laid(['mercy', 'ward'], change));
    expect(contentOf(other, 'Patient')).toMatchObject({ maritalStatus: { coding: [{ display: 'Acme' }] } });
    const findings: Parameters<typeof layOver>[2] = [];
    layOver(readMappingTexts([...ofBase, change]), [['ward', 'mercy']], findings);
    expect(findings.map(({ code }) => code)).toEqual(['overlay-target']);
  });

  it('adds steps to a group, each occurrence of the segment there being one', () => {
    const mappings = laid(['mercy']);
    const result = compile(mappings, defaultSettings).map(
      'ADT_A01',
      messageOf('PID|1||7^^^A', 'PR1|1||C1', 'ZPR|first', 'PR1|2||C2', 'ZPR|second'),
      { receivedAt: received },
    );
    const notes = resourcesOf(result).filter(({ resourceType }) => resourceType === 'Observation');
    expect(notes.map(({ valueString }) => valueString)).toEqual(['first', 'second']);
    expect(result.ledger().find(({ path }) => path === 'PR1[1]-3[1].1.1')).toMatchObject({
      state: 'skipped',
      why: 'procedures come from elsewhere',
    });
    expect(compile(mappings, defaultSettings).mappingFor('ADT', 'A05')).toBe('ADT_A01');
  });

  it('changes codes of a vocabulary', () => {
    const sex = (code: string) => {
      const result = compile(laid(['mercy']), defaultSettings).map('ADT_A01', messageOf(`PID|1||7^^^A||||20000101|${code}`), {
        receivedAt: received,
      });
      return contentOf(result, 'Patient')?.gender;
    };
    expect([sex('D'), sex('F'), sex('?')]).toEqual(['other', 'female', 'unknown']);
  });

  it('is shown with where each row comes from', () => {
    const rows = listMapping(laid(['mercy']), 'PID[Patient]').flatMap((one) => one.rows);
    expect(rows.find(({ row }) => row === 'PID[Patient]#5')).toMatchObject({
      file: 'segments/PID[Patient].yaml',
      line: 6,
      overlay: null,
    });
    expect(rows.find(({ row }) => row === 'PID[Patient]#7')).toMatchObject({
      file: 'sites/mercy/PID.yaml',
      line: 8,
      overlay: 'mercy',
    });
    expect(rows.find(({ row }) => row === 'PID[Patient]#10')).toMatchObject({
      overlay: 'mercy',
      does: expect.stringContaining('when PID-7 !='),
    });
    expect(listMapping(laid(['mercy']), 'ADT_A01').map(({ name }) => name)).toContain('ZPI[Patient]');
  });
});

it('channels with the same overlays share one set of mappings, found by weir from the folders', async () => {
  const { config, findings } = await loadConfig({ channels: join(base, 'channels'), mappings: base, env: {} });
  expect(findings).toEqual([]);
  const [channel] = config?.channels ?? [];
  if (config === null || channel === undefined) throw new Error('no configuration');
  const mercy = mappingsOf(config, { ...channel, overlays: ['mercy'] });
  expect(mercy).not.toBe(config.mappings);
  expect(mercy.segments.has('ZPI[Patient]')).toBe(true);
  expect(mappingsOf(config, channel)).toBe(config.mappings);
});
