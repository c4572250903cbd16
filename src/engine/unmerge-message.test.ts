/** What a merge that is taken back is composed of (docs/adr/0008). */
import type { Bundle, FhirResource } from 'fhir/r4';
import { describe, expect, test } from 'vitest';
import { Message } from '../hl7/message.ts';
import { actOf, mergedIn, tells, unmergeMessage } from './unmerge-message.ts';

const message = (...segments: string[]): Message =>
  Message.parse(Buffer.from(['MSH|^~\\&|EHR|MERCY|||20260301||ADT^A40|1|P|2.5.1', ...segments].join('\r')));
const merge = message('PID|1||new^^^MERCY^MR||Wren^Eva', 'MRG|old^^^MERCY&1.2.3&ISO^MR||||||Wren^Evi');
const givenUp = (...numbers: string[]): Bundle<FhirResource> => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: numbers.map((value) => ({
    resource: { resourceType: 'Patient', identifier: [{ value }], link: [{ type: 'replaced-by', other: { display: 'new' } }] },
  })),
});
const act = { by: 'O|Neil & Co', reason: 'two ^ persons', at: new Date('2026-03-02T08:30:00Z') };

function taken(of: Message, ...told: Message[]): Message {
  const [first] = mergedIn(of, givenUp('old'));
  if (first === undefined) throw new Error('nothing was merged');
  return unmergeMessage(first, {
    mergeId: '17',
    channel: 'adt',
    place: 1,
    destinations: ['cdr', 'lake'],
    act,
    told: told.find((one) => tells(one, first)) ?? null,
  });
}

test('who, when, why, which merge and where it went stand in it', () => {
  const made = taken(merge);
  expect([made.type, made.event, made.controlId]).toEqual(['ADT', 'Z40', 'UNMERGE-17-1']);
  expect(actOf(made)).toEqual({ by: 'O|Neil & Co', at: '20260302083000+0000', reason: 'two ^ persons' });
  expect([made.get('ZUM-1'), made.getAll('ZUM-2[*]'), made.get('MRG-1.1')]).toEqual(['17', ['cdr', 'lake'], 'new']);
});

describe('of the patient who was given up', () => {
  test('what was told last, with what stands behind PID of that patient', () => {
    const last = message(
      'PID|1||old^^^MERCY^MR||Wren^Evelyn||19800101',
      'PD1|||GP',
      'NK1|1|Wren^Otto',
      'PV1|1|I',
      'OBX|1',
      'PID|2||x',
      'NK1|1|Other',
    );
    const before = message('PID|1||old^^^MERCY^MR||Wren^Evie');
    const made = taken(merge, last, before);
    expect(made.segments.map(({ name }) => name)).toEqual(['MSH', 'EVN', 'PID', 'PD1', 'NK1', 'PV1', 'MRG', 'ZUM']);
    expect([made.get('PID-5.2'), made.get('PID-7')]).toEqual(['Evelyn', '19800101']);
  });

  test('not what was told of the one who goes on, who has the old number too', () => {
    const survivor = message('PID|1||new^^^MERCY^MR~old^^^MERCY^MR||Wren^Eva');
    const namesake = message('PID|1||old^^^ELSEWHERE||Wren^Emil');
    expect(taken(merge, survivor, namesake).get('PID-5.2')).toBe('Evi');
  });

  test('what the merge says, where nothing was told; a number without an authority is of that of the one who goes on', () => {
    const made = taken(merge);
    expect(made.segments.find(({ name }) => name === 'PID')?.text).toBe('PID|1||old^^^MERCY&1.2.3&ISO^MR||Wren^Evi');
    const bare = taken(message('PID|1||new^^^MERCY^MR||Wren^Eva', 'MRG|old'));
    expect(bare.get('PID-3.4')).toBe('MERCY');
  });

  test('in the delimiters and letters of whoever told it', () => {
    const told = Message.parse(
      Buffer.from('MSH#*~\\&#EHR#MERCY###20260301##ADT*A04#1#P#2.5.1\rPID#1##old***MERCY*MR##Wrén*Ève', 'utf8'),
    );
    const made = Message.parse(taken(merge, told).bytes);
    expect([made.get('PID-5.1'), made.get('PID-5.2'), made.get('MRG-1.4'), made.get('EVN-5')]).toEqual([
      'Wrén',
      'Ève',
      'MERCY',
      'O|Neil & Co',
    ]);
  });
});

test('only what the bundle marks as replaced was merged, each MRG with the PID before it', () => {
  const two = message('PID|1||n1||A', 'MRG|o1', 'PID|2||n2||B', 'MRG|o2', 'MRG|o3');
  const found = mergedIn(two, givenUp('o1', 'o3'));
  expect(found.map(({ mrg, pid }) => [mrg.value(1, 1, 1, 1), pid.value(3, 1, 1, 1)])).toEqual([
    ['o1', 'n1'],
    ['o3', 'n2'],
  ]);
  expect(mergedIn(two, { resourceType: 'Bundle', type: 'transaction' })).toEqual([]);
});
