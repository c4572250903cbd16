import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MappingKind } from './mapping-schema.ts';
import { type MappingText, readMappings, readMappingTexts } from './mappings.ts';

const kinds: MappingKind[] = ['messages', 'segments', 'datatypes', 'vocab'];

describe('mapping files become the rows of src/map/mapping.ts', () => {
  const segment: MappingText = {
    kind: 'segments',
    file: 'segments/PID[Patient].yaml',
    text: `map: PID[Patient]
segment: PID
resource: Patient
rows:
  - {id: 5, from: PID-3, to: identifier}
  - {id: [11, 12], set: true, to: active, when: PID-7 not valued}
  - from: PID-13
    to: telecom
    with: [{id: 22, set: home, to: use}]
`,
  };

  it('with every row at its line and column', () => {
    const { mappings, findings } = readMappingTexts([segment]);
    expect(findings).toEqual([]);
    const [first, second, third] = mappings.segments.get('PID[Patient]')?.rows ?? [];
    expect(first).toEqual({ ids: [5], from: 'PID-3', to: 'identifier', source: { file: segment.file, line: 5, column: 5 } });
    expect(second).toMatchObject({
      ids: [11, 12],
      set: true,
      when: { kind: 'not', term: { kind: 'valued', path: 'PID-7' } },
      source: { line: 6 },
    });
    expect(third?.with).toEqual([{ ids: [22], set: 'home', to: 'use', source: { file: segment.file, line: 9, column: 12 } }]);
  });

  it('with what is good of a file that has faults, at its own place', () => {
    const broken = {
      ...segment,
      text: segment.text.replace('from: PID-3,', 'from: 3,').replace('PID-7 not valued', 'PID-7 is empty'),
    };
    const { mappings, findings, damaged } = readMappingTexts([broken]);
    expect(findings.map(({ line, code }) => [line, code])).toEqual([
      [5, 'wrong-type'],
      [6, 'bad-condition'],
    ]);
    expect(mappings.segments.get('PID[Patient]')?.rows.map(({ source }) => source.line)).toEqual([7]);
    expect(damaged).toEqual(new Set(['PID[Patient]']));
  });

  it('with one target written as a code alone, or as a whole', () => {
    const text =
      'vocab: Sex\ntable: "0001"\nrows:\n  - {id: 3, from: F, to: female}\n  - {from: X, to: {code: other, display: Other}}\notherwise: {code: unknown}\n';
    const map = readMappingTexts([{ kind: 'vocab', file: 'Sex.yaml', text }]).mappings.vocabs.get('Sex');
    expect(map?.rows.map(({ ids, to }) => [ids, to])).toEqual([
      [[3], { code: 'female' }],
      [[], { code: 'other', display: 'Other' }],
    ]);
    expect(map?.otherwise).toEqual({ code: 'unknown' });
  });
});

it('reports a folder that is not there', async () => {
  const { findings } = await readMappings('/nowhere/at/all');
  expect(findings.map(({ code }) => code)).toEqual(['unreadable-file', 'unreadable-file', 'unreadable-file', 'unreadable-file']);
});

describe('whatever stands in a file', () => {
  const words = [
    'map:',
    'rows:',
    ' ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '\n',
    '  ',
    'from: ',
    'PID-3',
    '"',
    "'",
    '&a',
    '*a',
    '<<: ',
    ': ',
    '? ',
    '|',
    '>',
    '#',
    '!!str',
    '---',
    'when: ',
    'with:',
    '__proto__: ',
    '\t',
    '1',
    'null',
  ];
  const yamlish = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join('')),
    fc.json(),
  );

  it('reading gives findings, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), yamlish, (kind, text) => {
        const { findings } = readMappingTexts([{ kind, file: 'A.yaml', text }]);
        for (const { line, column, text: sentence } of findings) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(sentence).not.toBe('');
        }
        expect(findings.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('aliases that would unfold without end are a finding', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`).join('\n')}\n`;
    expect(readMappingTexts([{ kind: 'vocab', file: 'A.yaml', text: bomb }]).findings.map(({ code }) => code)).toContain('yaml');
  });
});
