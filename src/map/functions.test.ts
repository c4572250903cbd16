/** The function library, each function on what the standards give as examples. */
import { describe, expect, test } from 'vitest';
import { Message } from '../hl7/message.ts';
import { Authorities, CodeSystems } from './code-systems.ts';
import { defaultSettings } from './defaults.ts';
import { functions } from './functions.ts';

const about = {
  codeSystems: new CodeSystems(defaultSettings),
  authorities: new Authorities(defaultSettings),
  receivedAt: new Date('2024-01-02T03:04:05.678Z'),
  message: Message.fromText('MSH|^~\\&|LAB|N W|||||ORU^R01|7/1|P|2.9'),
  messageCopy: 'data',
};

/** Runs a function on a value written as HL7 writes it. */
function run(name: string, text: string): unknown {
  const components = text === '' ? [] : text.split('^');
  const part = (component: number, subcomponent = 0) => {
    const whole = components[component - 1] ?? '';
    return subcomponent === 0 ? whole : (whole.split('&')[subcomponent - 1] ?? '');
  };
  const result = functions[name]?.run(
    { text: components.length > 1 ? part(1, 1) : text, escape: '\\', count: components.length, part },
    about,
  );
  return result === undefined ? undefined : JSON.parse(JSON.stringify({ result })).result;
}

describe('the library', () => {
  test.each([
    ['authoritySystem', 'MAIN^1.2.3^ISO', 'urn:oid:1.2.3'],
    ['entityAuthority', '77^LAB', 'urn:id:LAB'],
    ['cnnAuthority', '7^Doe^^^^^^^LAB^1.2^ISO', 'urn:oid:1.2'],
    ['codeSystem', 'LN', 'http://loinc.org'],
    ['personName', 'van Doe&van&Doe^Jane^Q^Jr.^Dr.^PhD', 'Dr. Jane Q van Doe Jr. PhD'],
    ['practitionerName', '7^Doe^Jane^^^Dr.', 'Dr. Jane Doe'],
    ['addressText', '1 Main St&Main St&1^Apt 2^Rye^NY^10580^USA', '1 Main St, Apt 2, Rye, NY 10580, USA'],
    ['joined', '<^5^^', '< 5'],
    ['narrative', 'a < b & c', '<div xmlns="http://www.w3.org/1999/xhtml">a &lt; b &amp; c</div>'],
    ['formattedText', '\\H\\a\\N\\\\.br\\b', 'a\nb'],
    ['numericValue', '>= 5.10', '5.10'],
    ['numericValue', 'low', 'low'],
    ['numericComparator', '<5', '<'],
    ['numericComparator', '5', undefined],
    ['quantity', '<0.50', { value: 0.5, comparator: '<' }],
    ['quantity', 'none', undefined],
    ['plusMinutes', '20240229235000-0500/20', '20240301001000-0500'],
    ['plusMinutes', '202401010930/45', '202401011015'],
    ['plusMinutes', '20240101/45', undefined],
    ['plusDuration', '20240101/5 d', '20240106'],
    ['plusDuration', '20240301/-D1', '20240229'],
    ['plusDuration', '202401010930+0100/2 h', '202401011130+0100'],
    ['plusDuration', '20240131093000/L1', '20240302093000'],
    ['plusDuration', '20240101/2 h', undefined],
    ['plusDuration', '20240101/5 doses', undefined],
    ['textData', 'Größe', 'R3LDtsOfZQ=='],
    ['range', '3.5-5.0', { low: { value: 3.5 }, high: { value: 5 } }],
    ['range', '-2 - -1', { low: { value: -2 }, high: { value: -1 } }],
    ['range', '<5', { high: { value: 5 } }],
    ['range', '>=10', { low: { value: 10 } }],
    ['range', 'negative', undefined],
    ['repeatPattern', 'Q6H', { frequency: 1, period: 6, periodUnit: 'h' }],
    ['repeatPattern', 'bid', { frequency: 2, period: 1, periodUnit: 'd' }],
    ['repeatPattern', '5ID', { frequency: 5, period: 1, periodUnit: 'd' }],
    ['repeatPattern', 'Q2J135', { frequency: 1, period: 2, periodUnit: 'wk', dayOfWeek: ['mon', 'wed', 'fri'] }],
    ['repeatPattern', 'QHS', { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] }],
    ['repeatPattern', 'PRN', undefined],
    ['timesOfDay', '0800,1400', { timeOfDay: ['08:00:00', '14:00:00'] }],
    ['timesOfDay', '2500', undefined],
    ['weekdays', '^^6^1', { dayOfWeek: ['sat', 'sun', 'mon'] }],
    ['weekdays', '^^8', undefined],
    ['minutes', '2/h', 120],
    ['minutes', '45', 45],
    ['minutes', '2/mo', undefined],
    ['duration', 'D5', { value: 5, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }],
    ['duration', '30 min', { value: 30, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' }],
    ['duration', 'a while', undefined],
    ['componentCount', '1^2^3', 3],
    ['sampledData', '1^^3', '1 E 3'],
    ['edContentType', '^application^pdf^Base64', 'application/pdf'],
    ['edContentType', '^AP^PDF^Base64', 'application/pdf'],
    ['edContentType', '^TEXT^^A', undefined],
    ['rpContentType', 'x^y^Image^JPEG', 'image/jpeg'],
    ['edData', '^TEXT^^A^hi', 'aGk='],
    ['edData', '^AP^^Hex^6869', 'aGk='],
    ['edData', '^AP^PDF^Base64^aGk=', 'aGk='],
    ['receivedAt', '', '20240102030405.678+0000'],
    ['messageData', '', Buffer.from('MSH|^~\\&|LAB|N W|||||ORU^R01|7/1|P|2.9').toString('base64')],
    ['messageUrl', '', undefined],
  ])('%s of %s', (name, text, result) => expect(run(name, text)).toEqual(result));

  test('the URL of a message has values of its MSH, and there is none where one is empty', () => {
    const urlOf = (messageCopy: string) =>
      functions.messageUrl?.run({ text: '', escape: '', count: 0, part: () => '' }, { ...about, messageCopy });
    expect(urlOf('https://archive.example/{MSH-4.1}/{MSH-10}')).toBe('https://archive.example/N%20W/7%2F1');
    expect(urlOf('https://archive.example/{MSH-5}/{MSH-10}')).toBeUndefined();
    expect(urlOf('none')).toBeUndefined();
  });

  test('every function says what it does, and gives nothing for nothing', () => {
    for (const [name, { text }] of Object.entries(functions)) {
      expect(text, name).toMatch(/\.$/);
      if (name !== 'receivedAt' && name !== 'messageData') expect([undefined, ''], name).toContain(run(name, ''));
    }
  });
});
