/** `edit:` steps: what they change, and that they change nothing else (promise 5 of what is passed on: every byte is accounted for). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../hl7/condition-parse.ts';
import { Message } from '../hl7/message.ts';
import { compileEdits, type Edited } from './edit.ts';
import type { EditStep } from './edits.ts';
import type { VocabMap } from './mapping.ts';

const source = { file: 'channels/lab.yaml', line: 1, column: 1 };
type Written = EditStep extends infer S
  ? S extends EditStep
    ? Omit<S, 'when' | 'text' | 'source'> & { when?: string }
    : never
  : never;

const vocabs = new Map<string, VocabMap>([
  [
    'Sex',
    {
      vocab: 'Sex',
      rows: [
        { ids: [], from: 'M', to: { code: 'male' }, source },
        { ids: [], from: 'U', source },
      ],
      source,
    },
  ],
]);

function edited(text: string, ...steps: Written[]): Edited {
  const compiled = steps.map(({ when, ...step }): EditStep => {
    return { ...step, when: when === undefined ? null : parseCondition(when), text: when ?? '', source };
  });
  return compileEdits(compiled, vocabs)(Message.fromText(text));
}

const lines = (...segments: string[]): string => `${segments.join('\r')}\r`;
const head = 'MSH|^~\\&|EPIC|MAIN|WEIR||20260101||ORU^R01|M1|P|2.5.1';
const pid = 'PID|1||MRN1^^^H^MR~900^^^X^SS||DOE^JANE||19800101|F';
const result = lines(
  head,
  pid,
  'OBR|1',
  'OBX|1|NM|GLU^Glucose^L||5.4|mmol/L|||||F',
  'NTE|1||one',
  'OBX|2|ST|K^Potassium^L||<2||||||D',
  'NTE|1||two',
);

describe('set', () => {
  it('writes a constant, and adds the fields that lead to it', () => {
    const { message, changes } = edited(
      result,
      { kind: 'set', value: 'LIS', to: 'MSH-5' },
      { kind: 'set', value: 'T', to: 'MSH-11.2' },
    );
    expect(message.text).toBe(result.replace('WEIR', 'LIS').replace('|P|2.5.1', '|P^T|2.5.1'));
    expect(changes).toEqual([
      { step: 0, kind: 'set', path: 'MSH-5' },
      { step: 1, kind: 'set', path: 'MSH-11.2' },
    ]);
  });

  it('fills in values of the message, escaped where they go; nothing is written where one is empty', () => {
    const text = result.replace('DOE^JANE', 'D\\T\\E^JANE');
    const name = edited(text, { kind: 'set', value: '{PID-5.2} {PID-5.1} {{', to: 'PID-9' });
    expect(name.message.get('PID-9')).toBe('JANE D&E {');
    expect(name.message.text).toContain('|F|JANE D\\T\\E {');
    expect(edited(result, { kind: 'set', value: '{PID-5.3}x', to: 'PID-9' })).toMatchObject({ changes: [] });
  });

  it('empties a place', () => {
    expect(edited(result, { kind: 'set', value: '', to: 'PID-3' }).message.text).toBe(
      result.replace('MRN1^^^H^MR~900^^^X^SS', ''),
    );
  });

  it('says nothing of a change where the value is there already', () => {
    const { message, changes } = edited(result, { kind: 'set', value: 'WEIR', to: 'MSH-5' });
    expect([message.text, changes]).toEqual([result, []]);
  });
});

describe('copy', () => {
  it('takes all that stands at a place, components and repetitions, byte for byte', () => {
    expect(edited(result, { kind: 'copy', from: 'PID-3', to: 'PID-4' }).message.text).toBe(
      result.replace('~900^^^X^SS||', '~900^^^X^SS|MRN1^^^H^MR~900^^^X^SS|'),
    );
    expect(edited(result, { kind: 'copy', from: 'PID-3[2].1', to: 'PID-2' }).message.get('PID-2')).toBe('900');
  });
});

describe('a step on SEGMENT[*] is done for each, and the name alone means the one in hand', () => {
  it('copies within each', () => {
    const { message, changes } = edited(result, { kind: 'copy', from: 'OBX-3.2', to: 'OBX[*]-4' });
    expect(message.getAll('OBX[*]-4')).toEqual(['Glucose', 'Potassium']);
    expect(changes.map(({ path }) => path)).toEqual(['OBX[2]-4', 'OBX[1]-4']);
  });

  it('asks its condition of each, and of the rest of the message as always', () => {
    const when = 'OBX-2 = "NM" and PID-8 = "F"';
    const { message } = edited(result, { kind: 'set', value: '{OBX-3.1}/{PID-8}', to: 'OBX[*]-4', when });
    expect([message.get('OBX[1]-4'), message.get('OBX[2]-4')]).toEqual(['GLU/F', null]);
  });

  it('removes each that its condition holds of', () => {
    const { message } = edited(result, { kind: 'remove', paths: ['OBX[*]'], when: 'OBX-11 = "D"' });
    expect(message.text).toBe(result.replace('OBX|2|ST|K^Potassium^L||<2||||||D\r', ''));
  });

  it('adds beside each', () => {
    const { message } = edited(result, {
      kind: 'add',
      segment: 'ZNT',
      fields: { 1: '{OBX-1}', 2.1: 'of', 2.2: '{OBX-3.1}', 3: '{OBX-8}' },
      beside: { at: 'after', segment: 'OBX[*]' },
    });
    expect(message.segments.map(({ text }) => text).filter((text) => text.startsWith('ZNT'))).toEqual([
      'ZNT|1|of^GLU',
      'ZNT|2|of^K',
    ]);
    expect(message.segments.map(({ name }) => name).join(' ')).toBe('MSH PID OBR OBX ZNT NTE OBX ZNT NTE');
  });
});

describe('translate', () => {
  const table = { kind: 'table', codes: { F: '2', M: '1' } } as const;
  const translate = { kind: 'translate', from: 'PID-8', to: 'PID-8', by: table, unlisted: 'keep' } as const;

  it('writes the code anew and leaves what stands beside it', () => {
    expect(edited(result, translate).message.get('PID-8')).toBe('2');
    const coded = result.replace('|F\r', '|F^Female^HL70001\r');
    expect(edited(coded, translate).message.text).toBe(coded.replace('|F^Female', '|2^Female'));
  });

  it.each([
    ['keep', 'X', null],
    ['empty', null, null],
    ['park', 'X', 'edit-unlisted'],
  ] as const)('a code that the table does not have: %s', (unlisted, value, fault) => {
    const made = edited(result.replace('|F\r', '|X\r'), { ...translate, unlisted });
    expect([made.message.get('PID-8'), made.fault?.code ?? null]).toEqual([value, fault]);
    if (made.fault) expect(made.fault.text).not.toContain('X');
  });

  it('goes through a vocabulary map; a code that the map leaves out empties the place', () => {
    const by = { kind: 'vocab', vocab: 'Sex' } as const;
    const of = (code: string) => edited(result.replace('|F\r', `|${code}\r`), { ...translate, by }).message.get('PID-8');
    expect([of('M'), of('U'), of('F')]).toEqual(['male', null, 'F']);
  });

  it('takes each repetition for itself, and writes elsewhere where it is told to', () => {
    const text = result.replace('MRN1^^^H^MR~900^^^X^SS', 'F^a~M^b~X');
    expect(edited(text, { ...translate, from: 'PID-3[*]', to: 'PID-3[*]' }).message.text).toContain('|2^a~1^b~X|');
    expect(edited(text, { ...translate, from: 'PID-3[2]', to: 'PID-4' }).message.get('PID-4')).toBe('1');
  });

  it('asks nothing of an empty place, or of one that says delete', () => {
    for (const sent of ['', '""'])
      expect(edited(result.replace('|F\r', `|${sent}\r`), { ...translate, unlisted: 'park' })).toMatchObject({
        fault: null,
        changes: [],
      });
  });
});

describe('remove and add', () => {
  it('a segment without a number means all of its name; a field is emptied, a repetition taken out', () => {
    expect(edited(result, { kind: 'remove', paths: ['NTE', 'PID-5', 'PID-3[1]'] }).message.text).toBe(
      result
        .replace(/NTE[^\r]*\r/g, '')
        .replace('DOE^JANE', '')
        .replace('MRN1^^^H^MR~', ''),
    );
  });

  it('adds a segment last, or where it is told to', () => {
    expect(edited(result, { kind: 'add', segment: 'ZLI', fields: { 2: 'x|y' }, beside: null }).message.text).toBe(
      `${result}ZLI||x\\F\\y\r`,
    );
    const beside = { at: 'before', segment: 'OBR' } as const;
    expect(edited(result, { kind: 'add', segment: 'ZLI', fields: {}, beside }).message.text).toBe(
      result.replace('OBR', 'ZLI|\rOBR'),
    );
  });

  it('an edit that cannot be done is a fault that names the step, and content nowhere', () => {
    const beside = { at: 'after', segment: 'PV1' } as const;
    const { fault } = edited(
      result,
      { kind: 'remove', paths: ['NTE'] },
      { kind: 'add', segment: 'ZLI', fields: { 1: '{PID-5.1}' }, beside },
    );
    expect(fault).toMatchObject({ code: 'hl7-edit-place', step: 1 });
    expect(fault?.text).toMatch(/step 2 of the edits, PV1/);
    expect(fault?.text).not.toContain('DOE');
  });
});

describe('when', () => {
  it('holds of the message as the steps before have left it', () => {
    const { message } = edited(
      result,
      { kind: 'set', value: 'M', to: 'PID-8' },
      { kind: 'set', value: 'no', to: 'PID-9', when: 'PID-8 = "F"' },
      { kind: 'set', value: 'yes', to: 'PID-10', when: 'ORU^* and PID-8 = "M"' },
    );
    expect([message.get('PID-9'), message.get('PID-10')]).toEqual([null, 'yes']);
  });
});

describe('what is not edited keeps its bytes', () => {
  it('in any character set, and where the bytes mean nothing', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${head}||||||8859/1\r`),
      Buffer.from([0x50, 0x49, 0x44, 0x7c, 0xe9, 0x7c, 0x01, 0x5c, 0x0d]),
    ]);
    const set: EditStep = { kind: 'set', value: 'LIS', to: 'MSH-5', when: null, text: '', source };
    const { message } = compileEdits([set], vocabs)(Message.parse(bytes));
    expect(Buffer.from(message.bytes)).toEqual(Buffer.from(bytes.toString('latin1').replace('WEIR', 'LIS'), 'latin1'));
  });

  it('whatever the message holds, setting one field changes that field alone', () => {
    const segment = fc
      .tuple(fc.constantFrom('PID', 'PV1', 'OBX', 'ZZZ'), fc.stringMatching(/^[a-z|^~&\\ ]{0,30}$/))
      .map(([name, rest]) => `${name}|${rest}`);
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), fc.stringMatching(/^[A-Z|^~&\\]{1,8}$/), (segments, value) => {
        const text = lines(head, ...segments);
        const { message, fault } = edited(text, { kind: 'set', value, to: 'MSH-6' });
        expect(fault).toBeNull();
        expect(message.get('MSH-6')).toBe(value);
        const [before, after] = text.split('|WEIR||');
        expect(message.text.startsWith(`${before}|WEIR|`) && message.text.endsWith(`|${after}`)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
