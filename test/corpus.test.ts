/**
 * Messages as the world writes them, through the real command: nothing crashes, every line is whole, and what is wrong with a bundle is
 * wrong in its message. The messages are not part of the project; without them the test is skipped.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../src/fhir/json.ts';
import { validateBundle } from '../src/fhir/validate.ts';
import { cleanEnvironment, repositoryRoot } from './support/temp.ts';

const corpus = join(repositoryRoot, '..', 'shared', 'corpus');
const index = join(corpus, 'index.tsv');
const there = existsSync(index);
if (!there) console.log(`There are no messages at ${corpus}; mapping them is skipped`);

/** Message types that the mappings cover. */
const covered = new Set([
  'ADT^A01',
  'ADT^A02',
  'ADT^A03',
  'ADT^A04',
  'ADT^A05',
  'ADT^A06',
  'ADT^A08',
  'ADT^A09',
  'ADT^A10',
  'ADT^A11',
  'ADT^A12',
  'ADT^A13',
  'ADT^A17',
  'ADT^A18',
  'ADT^A24',
  'ADT^A28',
  'ADT^A31',
  'ADT^A34',
  'ADT^A40',
  'ADT^A47',
  'ADT^A60',
  'BAR^P01',
  'DFT^P03',
  'MFK^M01',
  'MFN^M02',
  'MFN^M05',
  'OMG^O19',
  'OMI^O23',
  'OML^O21',
  'OML^O33',
  'OMP^O09',
  'ORM^O01',
  'ORU^R01',
  'ORU^R30',
  'PPR^PC1',
  'RAS^O17',
  'RDE^O01',
  'RDE^O11',
  'RDS^O13',
  'REF^I12',
]);

/** What a line has (`weir map --ndjson`), and nothing else. */
const fields = ['bundle', 'controlId', 'dropped', 'error', 'issues', 'mapping', 'source', 'type', 'unmappedCodes'];

/** Errors of a bundle that its message is at fault for. */
const faulty: readonly { readonly source: string; readonly errors: readonly string[]; readonly why: string }[] = [
  { source: 'google-whistle/adt_a01.hl7#1', errors: ['per-1'], why: 'PV1-45 is before PV1-44: discharged before admitted' },
  {
    source: 'google-whistle/rde_o01_ex1.hl7#1',
    errors: ['per-1', 'per-1', 'per-1'],
    why: 'ORC-7.5 is before ORC-7.4: the order was cancelled before it began',
  },
  {
    source: 'cdc-nedss-di/embedded/OBRSplitterTest.java.L94.hl7#1',
    errors: ['per-1'],
    why: 'OBR-8 is before OBR-7: the observation ends before it begins',
  },
  {
    source: 'cdc-nedss-di/embedded/HL7HelperTest.java.L22.hl7#1',
    errors: ['required'],
    why: 'an OBX without OBX-3: nobody knows what was observed',
  },
];

interface Line {
  readonly source: string;
  readonly type: string;
  readonly mapping: string | null;
  readonly bundle: unknown;
  readonly error: { readonly code: string; readonly text: string } | null;
}

interface Listed {
  readonly file: string;
  readonly type: string;
  readonly messages: number;
}

function listed(): Listed[] {
  const [, ...rows] = readFileSync(index, 'utf8').trimEnd().split('\n');
  return rows.map((row) => {
    const [file = '', type = '', , messages = ''] = row.split('\t');
    return { file, type, messages: Number(messages) };
  });
}

/** One process for all files. It ends with 1, as messages without a mapping are among them. */
function mapAll(files: readonly string[]): Promise<{ readonly code: unknown; readonly output: string; readonly errors: string }> {
  return new Promise((resolve) => {
    const command = [join(repositoryRoot, 'bin', 'weir.js'), 'map', '--ndjson', ...files];
    const env = cleanEnvironment({ WEIR_MAPPINGS: join(repositoryRoot, 'mappings') });
    execFile(process.execPath, command, { cwd: corpus, env, maxBuffer: 64 * 1024 * 1024 }, (error, output, errors) => {
      resolve({ code: error?.code ?? 0, output, errors });
    });
  });
}

describe.skipIf(!there)('the messages of the corpus', async () => {
  const rows = there ? listed() : [];
  const { code, output, errors } = there ? await mapAll(rows.map(({ file }) => file)) : { code: 0, output: '', errors: '' };
  const texts = output.trimEnd().split('\n');
  const lines = there ? texts.map((text) => parseJson(text) as Line) : [];

  it('are all answered, with one line each, and none makes the command stumble', () => {
    expect(errors).toBe('');
    expect(code).toBe(1);
    expect(lines.length).toBe(rows.reduce((sum, { messages }) => sum + messages, 0));
    expect(new Set(lines.map(({ source }) => source)).size).toBe(lines.length);
    expect(lines.map(({ source }) => source.slice(0, source.lastIndexOf('#')))).toEqual(
      rows.flatMap(({ file, messages }) => Array.from({ length: messages }, () => file)),
    );
  });

  it('give lines with exactly the fields of the format', () => {
    for (const line of lines) expect(Object.keys(line).sort(), line.source).toEqual(fields);
  });

  it('have a bundle, or an error that says why there is none; never a fault of ours', () => {
    for (const { source, bundle, mapping, error } of lines) {
      expect([bundle === null, mapping === null], source).toEqual([error !== null, error !== null]);
      expect(error?.code ?? 'route-none', source).toBe('route-none');
    }
  });

  it('have a bundle where their type is covered', () => {
    const wanted = lines.filter(({ type }) => covered.has(type));
    expect([...new Set(wanted.map(({ type }) => type))].sort()).toEqual([...covered]);
    expect(wanted.filter(({ bundle }) => bundle === null).map(({ source }) => source)).toEqual([]);
  });

  it('give valid FHIR, but for messages that say what cannot be', () => {
    const found = lines
      .filter(({ bundle }) => bundle !== null)
      .map(({ source, bundle }) => ({
        source,
        errors: validateBundle(bundle).map((issue) => issue.code),
      }))
      .filter((line) => line.errors.length > 0);
    const bySource = (a: { source: string }, b: { source: string }) => (a.source < b.source ? -1 : 1);
    expect(found.sort(bySource)).toEqual(faulty.map((one) => ({ source: one.source, errors: one.errors })).sort(bySource));
  });
});
