import { describe, expect, test } from 'vitest';
import { Message } from './message.ts';
import { formatLocation } from './path.ts';
import { type TypedField, type TypedValue, typed, typedField } from './typed.ts';

const read = (version: string, ...segments: string[]): Message =>
  Message.fromText([`MSH|^~\\&|A|B|||2026||ADT^A01|1|P|${version}`, ...segments].join('\r'));
const fieldOf = (message: Message, name: string, position: number): TypedField => {
  const segment = message.segments.find((one) => one.name === name) as Message['segments'][number];
  return typedField(segment, position, message.version) as TypedField;
};
const flat = (value: TypedValue): string[] => [
  `${formatLocation(value.location)} ${value.type} ${value.name}: ${value.value}`,
  ...value.parts.flatMap(flat),
];

describe('typed views', () => {
  test('say the datatype and the name of every part, down to the subcomponent', () => {
    const pid = fieldOf(read('2.5.1', 'PID|1||11^^^HOSP&1.2&ISO^MR'), 'PID', 3);
    expect(pid.type).toBe('CX');
    expect(pid.entry?.name).toBe('Patient Identifier List');
    expect(pid.repetitions.flatMap(flat)).toEqual([
      'PID-3[1] CX Patient Identifier List: 11^^^HOSP&1.2&ISO^MR',
      'PID-3[1].1 ST ID Number: 11',
      'PID-3[1].4 HD Assigning Authority: HOSP&1.2&ISO',
      'PID-3[1].4.1 IS Namespace ID: HOSP',
      'PID-3[1].4.2 ST Universal ID: 1.2',
      'PID-3[1].4.3 ID Universal ID Type: ISO',
      'PID-3[1].5 ID Identifier Type Code: MR',
    ]);
  });

  test.each([
    ['2.1', 'PID', 5, 'PN'],
    ['2.3', 'PID', 5, 'XPN'],
    ['2.5.1', 'OBX', 3, 'CE'],
    ['2.6', 'OBX', 3, 'CWE'],
    ['2.4', 'PID', 7, 'TS'],
    ['2.9', 'PID', 7, 'DTM'],
    ['nonsense', 'PID', 7, 'DTM'],
  ])('in version %s %s-%i is %s', (version, segment, position, type) => {
    expect(fieldOf(read(version, `${segment}${'|x'.repeat(position)}`), segment, position).type).toBe(type);
  });

  test.each(['2.1', '2.3.1', '2.5.1', '2.7.1', '2.9'])('OBX-5 by OBX-2, in version %s', (version) => {
    const message = read(version, 'OBX|1|CE|||1^one^L', 'OBX|2|NM|||999.00');
    expect(fieldOf(message, 'OBX', 5).type).toBe('CE');
    expect(typedField(message.segments[2] as Message['segments'][number], 5, version)?.repetitions[0]).toMatchObject({
      type: 'NM',
      value: '999.00',
      parts: [],
    });
  });

  test('MFE-4 by MFE-5, MFA-5 by MFA-6, RDT by RDF', () => {
    const message = read(
      '2.5.1',
      'MFE|MAD||20260101|a^b|CWE',
      'MFA|MAD||||x|ST',
      'RDF|2|PatientID^CX^20~Name^XPN^48',
      'RDT|1^^^H|DOE^J',
    );
    expect(fieldOf(message, 'MFE', 4).type).toBe('CWE');
    expect(fieldOf(message, 'MFA', 5).type).toBe('ST');
    const rdt = [...typed(message)].find(({ segment }) => segment.name === 'RDT');
    expect(rdt?.fields.map(({ type }) => type)).toEqual(['CX', 'XPN']);
    expect(rdt?.fields[1]?.repetitions[0]?.parts.map(({ name }) => name)).toEqual(['Family Name', 'Given Name']);
  });

  test('what the version does not know is there without a type', () => {
    const message = read('2.3', 'ZPI|1|a^b', `PID${'|'.repeat(43)}x`);
    expect(fieldOf(message, 'ZPI', 2)).toMatchObject({ entry: undefined, type: '' });
    expect(fieldOf(message, 'ZPI', 2).repetitions[0]?.parts.map(({ value }) => value)).toEqual(['a', 'b']);
    expect(fieldOf(message, 'PID', 43).entry).toBeUndefined();
    expect(fieldOf(read('2.5.1', 'PID|1||a^b^c^d^e^f^g^h^i^j^extra'), 'PID', 3).repetitions[0]?.parts.at(-1)).toMatchObject({
      name: '',
      type: '',
      value: 'extra',
    });
  });

  test('iterate over segments, fields, repetitions and components with their names', () => {
    const message = read('2.5.1', 'PID|1||11~22', 'OBX|1|ST|||a', 'OBX|2|ST|||b', 'ZZZ|1', '__proto__|1');
    const all = [...typed(message)];
    expect(all.map(({ segment, occurrence }) => `${segment.name}[${occurrence}]`)).toEqual([
      'MSH[1]',
      'PID[1]',
      'OBX[1]',
      'OBX[2]',
      'ZZZ[1]',
      '__proto__[1]',
    ]);
    expect(all[1]?.title).toMatch(/patient identification/i);
    expect(all[1]?.fields.map(({ position, repetitions }) => [position, repetitions.length])).toEqual([
      [1, 1],
      [3, 2],
    ]);
    expect(all[0]?.fields[1]?.repetitions[0]).toMatchObject({ value: '^~\\&', parts: [] });
  });

  test('hold every leaf that the message has', () => {
    const message = read('2.5.1', 'PID|1||11^^^A&B~22|""|DOE^J\\T\\J|~x||^', 'ZZZ|a&b^c');
    const leaves = (value: TypedValue): TypedValue[] => (value.parts.length === 0 ? [value] : value.parts.flatMap(leaves));
    const found = [...typed(message)].flatMap(({ fields }) => fields.flatMap(({ repetitions }) => repetitions.flatMap(leaves)));
    expect(found.map(({ value }) => value)).toEqual([...message.leaves()].map(({ value }) => value));
  });
});
