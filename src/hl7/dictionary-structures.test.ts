import { describe, expect, test } from 'vitest';
import { versions } from './dictionary.ts';
import { messageStructure, structureName, structureNames, structureOf } from './dictionary-structures.ts';
import { Message } from './message.ts';
import type { StructureNode } from './structure.ts';

/** `MSH SFT* PATIENT_RESULT+(…)`, as the standard's abstract message syntax in a line. */
function line(nodes: readonly StructureNode[]): string {
  return nodes
    .map(({ segment, or = [], group, children = [], min, max }) => {
      const mark = max === 0 ? (min === 0 ? '*' : '+') : min === 0 ? '?' : '';
      return group === undefined ? [segment, ...or].join('|') + mark : `${group}${mark}(${line(children)})`;
    })
    .join(' ');
}

describe('message structures', () => {
  test.each([
    ['ADT_A04', '2.1', 'MSH EVN PID NK1 PV1 DG1?'],
    ['ADT_A39', '2.5.1', 'MSH SFT* EVN PATIENT+(PID PD1? MRG PV1?)'],
    // ROL stands behind PID and behind PV1
    ['ADT_A02', '2.5', 'MSH SFT* EVN PID PD1? ROL* PV1 PV2? ROL* DB1* OBX* PDA?'],
    // two patients in one
    ['ADT_A24', '2.6', 'MSH SFT* UAC? EVN PID PD1? PV1? DB1* PID PD1? PV1? DB1*'],
    ['ORR_O02', '2.4', 'MSH MSA ERR? NTE* RESPONSE?(PATIENT?(PID NTE*) ORDER+(ORC OBR|RQD|RQ1|RXO|ODS|ODT NTE* CTI*))'],
    ['ACK', '2.9', 'MSH SFT* UAC? MSA ERR*'],
  ])('%s of %s', (name, version, expected) => expect(line(messageStructure(name, version)?.nodes ?? [])).toBe(expected));

  test('2.9 has what the V2-to-FHIR guide has', () => {
    const text = line(messageStructure('ORU_R01', '2.9')?.nodes ?? []);
    expect(text).toContain('ORDER_OBSERVATION+(COMMON_ORDER?(ORC PRT* ORDER_DOCUMENT?(OBX PRT* TXA)) OBR');
    expect(line(messageStructure('ADT_A01', '2.9')?.nodes ?? [])).toContain('NEXT_OF_KIN*(NK1 OH2* OH3?)');
  });

  test('every version has its structures, each with a header first', () => {
    for (const version of versions) {
      const names = structureNames(version);
      expect(names.length).toBeGreaterThan(30);
      for (const name of names)
        expect(messageStructure(name, version)?.nodes[0], name).toEqual({ segment: 'MSH', min: 1, max: 1 });
    }
  });

  test('a version that lacks a structure has that of the nearest older one, else newer one', () => {
    expect(messageStructure('ORM_O01', '2.9')?.version).toBe('2.6');
    expect(messageStructure('OML_O21', '2.3')?.version).toBe('2.4');
    expect(messageStructure('ORU_R01', 'three')?.version).toBe('2.9');
    expect(messageStructure('ZZZ_Z01', '2.5')).toBeUndefined();
    expect(messageStructure('constructor', '2.5')).toBeUndefined();
  });
});

describe('the structure that an event has (table 0354)', () => {
  test.each([
    ['ADT', 'A04', '2.5.1', 'ADT_A01'],
    ['ADT', 'A08', '2.9', 'ADT_A01'],
    ['ADT', 'A28', '2.5.1', 'ADT_A05'],
    ['ADT', 'A40', '2.8', 'ADT_A39'],
    ['ADT', 'A47', '2.8', 'ADT_A30'],
    ['SIU', 'S14', '2.3.1', 'SIU_S12'],
    ['MDM', 'T08', '2.4', 'MDM_T02'],
    ['ORU', 'R01', '2.3', 'ORU_R01'],
    // before table 0354 each event had its own
    ['ADT', 'A04', '2.2', 'ADT_A04'],
    ['ACK', 'A01', '2.5', 'ACK'],
    ['ADT', 'A99', '2.5', null],
    ['__proto__', '', '2.5', null],
  ])('%s^%s of %s: %s', (type, event, version, expected) => expect(structureName(type, event, version)).toBe(expected));

  test('the event is believed before MSH-9.3, and that where the event is a site’s own', () => {
    const of = (type: string) => structureOf(Message.fromText(`MSH|^~\\&|||||||${type}|1|P|2.5.1`))?.name;
    expect(of('ADT^A04^ADT_A04')).toBe('ADT_A01');
    expect(of('ADT^A08')).toBe('ADT_A01');
    expect(of('QBP^Z34^QBP_Q11')).toBe('QBP_Q11');
    expect(of('ZZZ^Z34^ZZZ_Z34')).toBeUndefined();
    expect(of('')).toBeUndefined();
  });
});
