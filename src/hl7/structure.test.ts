import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Message } from './message.ts';
import { type GroupOccurrence, group, Structure, type StructureNode } from './structure.ts';

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
