import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { versions } from './dictionary.ts';
import { messageStructure, structureName, structureNames } from './dictionary-structures.ts';
import { type GroupOccurrence, group } from './group.ts';
import { Message } from './message.ts';
import { Structure, type StructureNode } from './structure.ts';

const s = (segment: string): StructureNode => ({ segment });
const g = (name: string, ...children: StructureNode[]): StructureNode => ({ group: name, children });

const oru = [
  s('MSH'),
  s('SFT'),
  g(
    'PATIENT_RESULT',
    g('PATIENT', s('PID'), s('PD1'), s('NTE'), s('NK1'), g('VISIT', s('PV1'), s('PV2'))),
    g(
      'ORDER_OBSERVATION',
      s('ORC'),
      s('OBR'),
      s('NTE'),
      g('TIMING_QTY', s('TQ1'), s('TQ2')),
      g('OBSERVATION', s('OBX'), s('NTE')),
      g('SPECIMEN', s('SPM'), s('OBX')),
    ),
  ),
  s('DSC'),
];
const rolAfterPid = s('ROL');
const rolAfterVisit = s('ROL');
const adt = [
  s('MSH'),
  s('EVN'),
  s('PID'),
  s('PD1'),
  rolAfterPid,
  s('NK1'),
  s('PV1'),
  s('PV2'),
  rolAfterVisit,
  s('OBX'),
  s('AL1'),
  s('DG1'),
  g('PROCEDURE', s('PR1'), s('ROL')),
  s('GT1'),
  g('INSURANCE', s('IN1'), s('IN2'), s('IN3'), s('ROL')),
];

/** The tree as text: `GROUP(SEG SEG GROUP(…))`, segments with their index. */
function tree(names: string, structure: readonly StructureNode[] = oru): { tree: string; guessed: number[] } {
  const { root, guesses } = grouped(names, structure);
  const groups = [
    'PATIENT_RESULT',
    'PATIENT',
    'VISIT',
    'ORDER_OBSERVATION',
    'TIMING_QTY',
    'OBSERVATION',
    'SPECIMEN',
    'PROCEDURE',
    'INSURANCE',
  ];
  const show = (one: GroupOccurrence): string => {
    const inner = groups.flatMap((name) => one.groups(name).map(show));
    return `${one.name}(${[...one.all.map((segment) => segment.name), ...inner].join(' ')})`;
  };
  return { tree: show(root), guessed: guesses.map((guess) => guess.location) };
}

function grouped(names: string, structure: readonly StructureNode[] | Structure) {
  const segments = names.split(' ').filter((name) => name !== '');
  return group(Message.fromText(['MSH|^~\\&|', ...segments.map((name, index) => `${name}|${index + 1}`)].join('\r')), structure);
}

describe('segments in the order of the standard go where the structure says', () => {
  test.each([
    [
      'PID NTE PV1 ORC OBR NTE OBX NTE NTE OBX SPM OBX OBX',
      'message(MSH PATIENT_RESULT(PATIENT(PID NTE VISIT(PV1)) ORDER_OBSERVATION(ORC OBR NTE OBSERVATION(OBX NTE NTE) OBSERVATION(OBX) SPECIMEN(SPM OBX OBX))))',
    ],
    [
      'PID OBR OBX OBR OBR OBX',
      'message(MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)) ORDER_OBSERVATION(OBR) ORDER_OBSERVATION(OBR OBSERVATION(OBX))))',
    ],
    [
      'PID ORC OBR TQ1 TQ1 OBX ORC OBR OBX',
      'message(MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC OBR TIMING_QTY(TQ1) TIMING_QTY(TQ1) OBSERVATION(OBX)) ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX))))',
    ],
    [
      'PID OBR OBX PID OBR OBX DSC',
      'message(MSH DSC PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX))) PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX))))',
    ],
    ['PID PID OBR', 'message(MSH PATIENT_RESULT(PATIENT(PID)) PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR)))'],
  ])('%s', (names, expected) => expect(tree(names)).toEqual({ tree: expected, guessed: [] }));

  test('the same segment name at two places', () => {
    const { root, guesses } = grouped('EVN PID ROL NK1 PV1 ROL ROL PR1 ROL PR1 IN1 IN2 IN1 ROL', adt);
    const at = (node: StructureNode) => root.segments('ROL', node).map((segment) => segment.index);
    expect(at(rolAfterPid)).toEqual([3]);
    expect(at(rolAfterVisit)).toEqual([6, 7]);
    expect(root.segments('ROL')).toHaveLength(3);
    expect(root.groups('PROCEDURE').map((one) => one.segments('ROL').length)).toEqual([1, 0]);
    expect(root.groups('INSURANCE').map((one) => one.all.map((segment) => segment.name))).toEqual([
      ['IN1', 'IN2'],
      ['IN1', 'ROL'],
    ]);
    expect(guesses).toEqual([]);
  });

  test('an occurrence knows the group around it', () => {
    const { root } = grouped('PID OBR OBX', oru);
    const [result] = root.groups('PATIENT_RESULT');
    const [order] = result?.groups('ORDER_OBSERVATION') ?? [];
    expect(order?.parent).toBe(result);
    expect(result?.parent).toBe(root);
    expect(root.parent).toBeNull();
  });
});

describe('what is missing, additional or misplaced is tolerated and reported', () => {
  test.each([
    [
      'OBX without OBR',
      'PID OBX OBX',
      [2],
      'message(MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBSERVATION(OBX) OBSERVATION(OBX))))',
    ],
    ['OBR without PID', 'OBR OBX', [1], 'message(MSH PATIENT_RESULT(ORDER_OBSERVATION(OBR OBSERVATION(OBX))))'],
    [
      'ORC behind OBR',
      'PID OBR ORC OBX OBR ORC OBX',
      [3, 6],
      'message(MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR ORC OBSERVATION(OBX)) ORDER_OBSERVATION(OBR ORC OBSERVATION(OBX))))',
    ],
    [
      'PV1 amid the results: the result behind it still belongs to its order',
      'PID OBR OBX PV1 OBX',
      [4, 5],
      'message(MSH PATIENT_RESULT(PATIENT(PID VISIT(PV1)) ORDER_OBSERVATION(OBR OBSERVATION(OBX) OBSERVATION(OBX))))',
    ],
  ])('%s', (_, names, guessed, expected) => expect(tree(names)).toEqual({ tree: expected, guessed }));

  test('a segment that comes late costs one guess, and those behind it none', () => {
    expect(tree('EVN PID IN1 PV1 PV2 DG1 IN1', adt)).toEqual({
      tree: 'message(MSH EVN PID PV1 PV2 DG1 INSURANCE(IN1) INSURANCE(IN1))',
      guessed: [4],
    });
  });

  test('Z segments belong to the group that is open, without a guess; unknown ones with one', () => {
    expect(tree('PID ZPI OBR OBX ZZZ QQQ OBX')).toEqual({
      tree: 'message(MSH PATIENT_RESULT(PATIENT(PID ZPI) ORDER_OBSERVATION(OBR OBSERVATION(OBX ZZZ QQQ) OBSERVATION(OBX))))',
      guessed: [6],
    });
    expect(grouped('PID QQQ', oru).guesses[0]?.text).toBe('QQQ is not part of this message structure; it was left in PATIENT');
  });
});

test('no segment is lost or doubled, in whatever order they come', () => {
  const structure = new Structure(oru);
  const names = fc.array(
    fc.constantFrom('PID', 'PD1', 'NTE', 'PV1', 'ORC', 'OBR', 'TQ1', 'OBX', 'SPM', 'DSC', 'ZZZ', 'QQQ', 'MSH', '__proto__'),
    { maxLength: 40 },
  );
  const groups = ['PATIENT_RESULT', 'PATIENT', 'VISIT', 'ORDER_OBSERVATION', 'TIMING_QTY', 'OBSERVATION', 'SPECIMEN'];
  const collect = (one: GroupOccurrence): number[] => [
    ...one.all.map((segment) => segment.index),
    ...groups.flatMap((name) => one.groups(name).flatMap(collect)),
  ];
  fc.assert(
    fc.property(names, (list) => {
      const { root } = grouped(list.join(' '), structure);
      expect(collect(root).sort((a, b) => a - b)).toEqual(Array.from({ length: list.length + 1 }, (_, index) => index));
    }),
  );
});

test('10,000 results are grouped in one pass', () => {
  const { root } = grouped(`PID OBR ${'OBX '.repeat(10_000)}`, oru);
  expect(root.groups('PATIENT_RESULT')[0]?.groups('ORDER_OBSERVATION')[0]?.groups('OBSERVATION')).toHaveLength(10_000);
});

describe('the structures of the standard, of every version', () => {
  type Amount = 'all that may stand' | 'all that must stand' | 'twice what may repeat';
  const expand = (nodes: readonly StructureNode[], amount: Amount): string[] =>
    nodes.flatMap(({ segment, children, min, max }) => {
      if (amount === 'all that must stand' && min === 0) return [];
      const once = segment === undefined ? expand(children ?? [], amount) : [segment];
      return amount === 'twice what may repeat' && max === 0 ? [...once, ...once] : once;
    });
  /** What begins one group and may also be the end of the one before cannot be told apart by anyone. */
  const ambiguous = /^twice.* (SUR_P09|ORL_O22)$|EHC_E15$/;

  test.each(['all that may stand', 'all that must stand', 'twice what may repeat'] as const)(
    '%s, in order, needs no guess',
    (amount) => {
      const guessed = versions.flatMap((version) =>
        structureNames(version).flatMap((name) => {
          const { nodes } = messageStructure(name, version) ?? { nodes: [] };
          const [header, ...rest] = expand(nodes, amount);
          expect(header).toBe('MSH');
          return grouped(rest.join(' '), nodes).guesses.length === 0 ? [] : [`${amount} ${name}`];
        }),
      );
      expect(guessed.filter((one) => !ambiguous.test(one))).toEqual([]);
    },
  );

  const of = (type: string, event: string, version = '2.5.1') =>
    messageStructure(structureName(type, event, version) ?? '', version)?.nodes ?? [];
  const names = (one: GroupOccurrence): string[] => one.all.map((segment) => segment.name);

  test('a dietary order goes to its diet or its tray by what comes behind ORC', () => {
    const { root, guesses } = grouped('PID ORC TQ1 ODS ORC TQ1 ODT ORC ODT', of('OMD', 'O03'));
    expect(root.groups('ORDER_DIET')).toHaveLength(1);
    expect(root.groups('ORDER_TRAY').map(names)).toEqual([
      ['ORC', 'ODT'],
      ['ORC', 'ODT'],
    ]);
    expect(guesses).toEqual([]);
  });

  test('OML^O21: an ORC behind an order is the next order, unless the patient of a prior result came before it', () => {
    const orders = (segments: string) => grouped(segments, of('OML', 'O21')).root.groups('ORDER').length;
    expect(orders('PID ORC OBR SPM ORC OBR SPM')).toBe(2);
    expect(orders('PID ORC OBR SPM PID ORC OBR OBX')).toBe(1);
  });

  test('ADT^A17: the second patient of two goes to the second place', () => {
    const nodes = of('ADT', 'A17');
    const { root, guesses } = grouped('EVN PID PV1 PID PV1', nodes);
    const patients = nodes.filter(({ segment }) => segment === 'PID');
    expect(patients.map((node) => root.segments('PID', node).map((segment) => segment.index))).toEqual([[2], [4]]);
    expect(guesses).toEqual([]);
  });

  test('any of a choice stands in its place, and its group is open to what follows', () => {
    const { root, guesses } = grouped('PID ORC RXO NTE ORC OBR OBX', of('ORM', 'O01'));
    expect(root.groups('ORDER').flatMap((order) => order.groups('ORDER_DETAIL').map(names))).toEqual([['RXO', 'NTE'], ['OBR']]);
    expect(guesses).toEqual([]);
  });

  test('what there is one of, and comes twice, is given a group of its own and told', () => {
    const { root, guesses } = grouped('PID PV1 PV1 OBR OBX', of('ORU', 'R01'));
    const [patient] = root.groups('PATIENT_RESULT')[0]?.groups('PATIENT') ?? [];
    expect(patient?.groups('VISIT').map(names)).toEqual([['PV1'], ['PV1']]);
    expect(guesses).toEqual([
      { location: 3, kind: 'repeated', text: 'PV1 begins VISIT again, of which there is one; it was given another' },
    ]);
  });

  test('a repeated segment that comes first in a group begins it once', () => {
    const { root, guesses } = grouped('PID ORC RXO RXR RXC RXC NTE', of('OMP', 'O09', '2.4'));
    expect(root.groups('ORDER')[0]?.groups('COMPONENT').map(names)).toEqual([['RXC', 'RXC', 'NTE']]);
    expect(guesses).toEqual([]);
  });
});

describe('a structure written after one of the standard', () => {
  const standard = messageStructure('ORU_R01', '2.5.1')?.nodes ?? [];

  test('has the cardinalities of the standard, and the segments that it leaves out', () => {
    const mine = new Structure(
      [
        s('MSH'),
        g(
          'PATIENT_RESULT',
          g('PATIENT', s('PID'), g('VISIT', s('PV1'))),
          g('ORDER_OBSERVATION', s('OBR'), g('OBSERVATION', s('OBX'))),
        ),
      ],
      standard,
    );
    const { root, guesses } = grouped('PID PD1 PV1 PV2 ORC OBR NTE OBX FT1 DSC', mine);
    expect(guesses).toEqual([]);
    const [order] = root.groups('PATIENT_RESULT')[0]?.groups('ORDER_OBSERVATION') ?? [];
    expect(order?.all.map((segment) => segment.name)).toEqual(['ORC', 'OBR', 'NTE', 'FT1']);
  });

  test('keeps its own layout where it speaks of a segment elsewhere', () => {
    const flat = new Structure([s('MSH'), s('PID'), s('OBX')], standard);
    expect(grouped('PID OBX', flat).root.segments('OBX')).toHaveLength(1);
  });
});
