import { type Case, header, section } from '../case.ts';

const oru = (...segments: readonly string[]): string =>
  [header({ type: 'ORU^R01^ORU_R01', version: '2.5.1' }), ...segments].join('\r');
const adt = (...segments: readonly string[]): string => [header({ version: '2.5.1' }), ...segments].join('\r');
const good = ['EVN||20260301', 'PID|||1^^^M^MR||Huber^Anna', 'PV1||I'];
const groups = (group: string) => ({ group });
const check = { check: true } as const;

/** Message structures: HL7 2.9, 2.5.2 with the chapters that define them; and what deviates from them. */
export const structure: readonly Case[] = [
  ...section('2.5.2 Segment groups', [
    [
      'an order with its results',
      oru('PID|||1', 'OBR|1', 'OBX|1', 'OBX|2', 'OBR|2', 'OBX|1'),
      groups('ORDER_OBSERVATION'),
      ['OBR OBX OBX', 'OBR OBX'],
    ],
    ['a result with its note', oru('PID|||1', 'OBR|1', 'OBX|1', 'NTE|1', 'OBX|2'), groups('OBSERVATION'), ['OBX NTE', 'OBX']],
    ['two patients', oru('PID|||1', 'OBR|1', 'PID|||2', 'OBR|2'), groups('PATIENT_RESULT'), ['PID OBR', 'PID OBR']],
    ['a result without its order', oru('PID|||1', 'OBX|1'), groups('ORDER_OBSERVATION'), ['OBX']],
    ['an order without its patient', oru('OBR|1', 'OBX|1'), groups('ORDER_OBSERVATION'), ['OBR OBX']],
    [
      'a Z segment stays where it stands',
      oru('PID|||1', 'OBR|1', 'ZOR|1', 'OBX|1'),
      groups('ORDER_OBSERVATION'),
      ['OBR ZOR OBX'],
    ],
    [
      'a visit that comes late',
      oru('PID|||1', 'OBR|1', 'OBX|1', 'PV1||I', 'OBX|2'),
      groups('ORDER_OBSERVATION'),
      ['OBR OBX OBX'],
    ],
    ['two insurances', adt(...good, 'IN1|1', 'IN2|1', 'IN1|2'), groups('INSURANCE'), ['IN1 IN2', 'IN1']],
    [
      'ADT^A08 has the structure of ADT_A01',
      adt(...good, 'PR1|1', 'ROL|1').replace('A01^ADT_A01', 'A08'),
      groups('PROCEDURE'),
      ['PR1 ROL'],
    ],
  ]),
  ...section('2.B Conformance', [
    ['a message that conforms', adt(...good), check, []],
    ['a required segment is missing', adt(...good.slice(0, 2)), check, ['PV1 100']],
    ['a required field is missing', adt('EVN||20260301', 'PID|||||Huber', 'PV1||I'), check, ['PID-3 101']],
    ['a datatype is not kept', adt('EVN||20260301', 'PID|||1||Huber||198O0101', 'PV1||I'), check, ['PID-7.1 102']],
    ['a code is not in its table', adt('EVN||20260301', 'PID|||1||Huber|||||||||||||||||||X', 'PV1||I'), check, ['PID-24 103']],
    ['a segment stands too often', adt(...good, 'PV2||', 'PV2||'), check, ['PV2[2] 198']],
    ['a field repeats that may not', adt('EVN||20260301', 'PID|||1||Huber||1980~1981', 'PV1||I'), check, ['PID-7[2] 198']],
    ['segments out of order', adt('PID|||1||Huber', 'EVN||20260301', 'PV1||I'), check, ['EVN 100']],
  ]),
];
