/** A desk as it may stand at three in the morning: two feeds, one destination that refuses, values of every awkward kind. Invented. */
import type { Attempt, Cause } from '../../src/inbox/types.ts';
import { delivery, MemoryDesk, message } from './desk.ts';

const refused: Cause = {
  code: 'deliver-refused',
  text: 'The destination refused the bundle; read its answer, correct the cause, then replay',
};
const busy: Cause = { code: 'deliver-busy', text: 'The destination asked to be tried again later' };

/** `now` is when the page is looked at. */
export function night(now: Date): MemoryDesk {
  const desk = new MemoryDesk();
  const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
  for (let id = 1; id <= 40; id += 1) {
    const event = ['A01', 'A08', 'A03'][id % 3] as string;
    const received = before(9000 - id * 200);
    if (id % 9 === 0)
      desk.add(
        message({ id: `${id}`, received, type: 'ADT^A08', state: 'filtered', cause: preAdmit, deliveries: [], bundle: null }),
      );
    else desk.add(message({ id: `${id}`, received, type: `ADT^${event}` }));
  }
  for (let id = 41; id <= 54; id += 1) {
    const attempts: Attempt[] = [{ at: before(600 - id), status: 422, ack: null, milliseconds: 31, error: refused }];
    const deliveries = [delivery({ destination: 'cdr', state: 'parked', cause: refused, attempts })];
    desk.add(
      message({
        ...lab,
        id: `${id}`,
        received: before(700 - id * 4),
        state: 'parked',
        cause: refused,
        deliveries,
        raw: result(),
      }),
    );
  }
  const tried: Attempt[] = [2, 1].map((ago) => ({ at: before(ago), status: 503, ack: null, milliseconds: 18, error: busy }));
  const held = delivery({ destination: 'cdr', state: 'waiting', attempts: tried, due: new Date(now.getTime() + 4000) });
  desk.add(message({ ...lab, id: '55', received: before(3), state: 'waiting', deliveries: [held], raw: result() }));
  desk.add(
    message({
      id: '56',
      received: before(2),
      state: 'refused',
      cause: notTaken,
      deliveries: [],
      mapping: null,
      bundle: null,
      type: 'SIU^S12',
    }),
  );
  desk.add(message({ id: '57', received: before(1), state: 'duplicate', deliveries: [], controlId: 'C40' }));
  desk.add(message({ id: '58', received: before(1) }));
  return desk;
}

const preAdmit: Cause = { code: 'filtered', text: 'pre-admit updates stay in the EHR' };
const notTaken: Cause = {
  code: 'listen-type',
  text: "The channel does not take this message type (MSH-9); add it to the channel's listen.types if it should",
};
const lab = { channel: 'lab', type: 'ORU^R01', sender: 'LABSYS^CENTRAL', mapping: 'ORU_R01' };

/** A result with line breaks, a highlight, a number, and a document of some size. */
function result(): Uint8Array {
  const text = [
    'MSH|^~\\&|LABSYS|CENTRAL|WEIR|WEIR|20260301025900||ORU^R01^ORU_R01|L55|P|2.5.1',
    'PID|1||4711^^^MAIN^MR||Quillfeather^Isolde||19620417|F',
    'OBR|1|77^LABSYS|88^LABSYS|24331-1^Lipid panel^LN|||20260301010000|||||||||1001^Okonjo^Femi',
    'OBX|1|NM|2093-3^Cholesterol^LN||212|mg/dL^^UCUM|<200|H|||F|||20260301010000',
    'OBX|2|TX|8251-1^Comment^LN||Sample slightly haemolysed.\\.br\\\\H\\Repeat\\N\\ if the clinical picture does not fit.\\.br\\Phoned to the ward.||||||F',
    `OBX|3|ED|11502-2^Report^LN||^application^pdf^Base64^${'JVBERi0xLjQKJeLjz9MK'.repeat(2000)}||||||F`,
    '',
  ];
  return new TextEncoder().encode(text.join('\r'));
}
