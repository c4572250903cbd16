/** Built-in conversions between simple v2 types and FHIR primitives. */
import { describe, expect, test } from 'vitest';
import { contentOf, mapperOf, mapSegment, messageOf, received } from '../../test/support/mapping.ts';
import { decimalOf, integerOf } from './numbers.ts';

function observation(
  type: string,
  element: string,
  value: string,
): { content: unknown; issues: readonly { code: string; path: string; text: string }[] } {
  const result = mapSegment(
    'OBX',
    'Observation',
    `- {from: OBX-5, to: "${element}"}\n- {set: final, to: status}`,
    `OBX||${type}|||${value}`,
  );
  const content = contentOf(result, 'Observation');
  return { content: content?.[element], issues: result.issues };
}

describe('numbers (NM: HL7 2.9, 2A.3.45)', () => {
  test.each([
    ['999.00', '999.00'],
    ['0.90', '0.90'],
    ['+5', '5'],
    ['007', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-0.0', '-0.0'],
    ['12345678901234567890.123', '12345678901234567890.123'],
  ])('%s keeps its digits and is JSON', (sent, written) => {
    expect(JSON.stringify(decimalOf(sent))).toBe(written);
  });

  test.each(['', '.', '-', '1e5', '1,5', '0x10', '12 mg', '--1'])('"%s" is no number', (text) =>
    expect(decimalOf(text)).toBeNull(),
  );

  test('whole numbers keep to their bounds', () => {
    expect([integerOf('5.0', 1), integerOf('0', 1), integerOf('0', 0), integerOf('1.5', 0), integerOf('2147483648', 0)]).toEqual([
      5,
      null,
      0,
      null,
      null,
    ]);
  });

  test('digits survive to the JSON that is sent', () => {
    const quantity = 'map: "NM[Quantity]"\ndatatype: NM\ntype: Quantity\nrows:\n  - {from: $value, to: value}';
    const { bundle } = mapSegment('OBX', 'Observation', '- {from: OBX-5, to: valueQuantity}', 'OBX||NM|||7.10', quantity);
    expect(JSON.stringify(bundle)).toContain('"valueQuantity":{"value":7.10}');
  });
});

describe('dates', () => {
  test('keep precision and offset; a time without one gets the zone of the channel', () => {
    const map = 'map: "OBX[Observation]"\nsegment: OBX\nresource: Observation\nrows:\n  - {from: OBX-14, to: effectiveDateTime}';
    const message =
      'message: M\nfor: []\nbuild: [{skip: MSH, why: x}, {segment: OBX, make: Observation, map: "OBX[Observation]"}]';
    const at = (time: string) => {
      const mapper = mapperOf([map, message], { timezone: 'Europe/Vienna' });
      return contentOf(mapper.map('M', messageOf(`OBX||${'|'.repeat(12)}${time}`), { receivedAt: received }), 'Observation')
        ?.effectiveDateTime;
    };
    expect(['2024', '202407', '20240701', '202407011230', '202401011230', '202407011230-0500'].map(at)).toEqual([
      '2024',
      '2024-07',
      '2024-07-01',
      '2024-07-01T12:30:00+02:00',
      '2024-01-01T12:30:00+01:00',
      '2024-07-01T12:30:00-05:00',
    ]);
  });

  test('what is none is an issue with its place, and the sentence does not hold the value', () => {
    const { content, issues } = observation('DT', 'valueDateTime', '20241399');
    expect(content).toBeUndefined();
    expect(issues).toMatchObject([{ severity: 'error', code: 'bad-date', path: 'OBX-5' }]);
    expect(issues[0]?.text).not.toContain('20241399');
  });
});

describe('text', () => {
  test('of a TX is taken whole, also with delimiters that the sender did not escape', () => {
    expect(observation('TX', 'valueString', String.raw`A & B ^ C \T\ D`).content).toBe('A & B ^ C & D');
  });

  test('of an ST is its first component; the rest is dropped, not glued to it', () => {
    expect(observation('ST', 'valueString', 'A & B^C').content).toBe('A & B');
  });

  test('has line ends where formatting commands make them (2.7.6), and no highlighting', () => {
    expect(observation('FT', 'valueString', String.raw`one\.br\\H\two\N\\.sp 2\three\.in +4\ \Z1\ `).content).toBe(
      'one\ntwo\n\nthree \\Z1\\ ',
    );
  });

  test('of blanks alone says nothing', () => {
    expect(observation('ST', 'valueString', '   ').content).toBeUndefined();
  });

  test('with control characters has spaces in their place, and an issue', () => {
    const { content, issues } = observation('ST', 'valueString', 'a\u0001b');
    expect(content).toBe('a b');
    expect(issues).toMatchObject([{ severity: 'warning', code: 'bad-value' }]);
  });
});

describe('others', () => {
  test.each([
    ['Y', true],
    ['n', false],
    ['1', true],
  ])('%s as a boolean', (sent, value) => expect(observation('ID', 'valueBoolean', sent).content).toBe(value));

  test('anything else is no boolean', () => {
    expect(observation('ID', 'valueBoolean', 'U').issues).toMatchObject([{ code: 'bad-value' }]);
  });

  test('a URI holds no spaces', () => {
    expect(observation('ST', 'implicitRules', 'http://x y').issues).toMatchObject([{ code: 'bad-value' }]);
  });

  test('a time of day', () => {
    expect(observation('TM', 'valueTime', '0930').content).toBe('09:30:00');
  });
});
