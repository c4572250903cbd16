/** Answers to queries from the socket to the built-in FHIR store: an answer is no authority on whom it finds; a forecast replaces the one before (docs/adr/0011). */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AuditEvent, Immunization, ImmunizationEvaluation, ImmunizationRecommendation, List, Patient } from 'fhir/r4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSender, type Sender } from '../support/sender.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let data: TempFolder;
let weir: Weir;
let sender: Sender;

beforeAll(async () => {
  data = await tempFolder('queries');
  const channels = fileURLToPath(new URL('queries', import.meta.url));
  weir = await prepareWeir({ channels, ports: ['REGISTRY_PORT'], dataDir: data.path });
  await weir.start();
  sender = openSender(() => ({ host: '127.0.0.1', port: weir.ports.REGISTRY_PORT ?? 0 }));
}, 60_000);
afterAll(async () => {
  sender?.close();
  await weir?.stop();
  await data?.remove();
});

/** Sends a message and waits until it is delivered. */
async function sent(type: string, ...segments: string[]): Promise<void> {
  const id = `${type.replace(/\W/g, '')}-${performance.now()}`;
  const head = `MSH|^~\\&|IIS|STATE|EHR|CLINIC|20260301120000+0000||${type}|${id}|P|2.5.1|||AL|NE|||||Z42^CDCPHINVS`;
  await sender.send([head, ...segments, ''].join('\r'));
  for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
    const { messages } = (await (await fetch(`${weir.http}/api/messages?limit=1`)).json()) as { messages: { state: string }[] };
    if (messages[0]?.state === 'delivered') return;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${JSON.stringify(messages)}\n${weir.output()}`);
  }
}

const answer = ['MSA|AA|Q1', 'QAK|T1|OK', 'QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|T1|31^^^STATE^SR'];
const pid = 'PID|1||31^^^STATE^SR||Lovelace^Ada||20240101|F';
const dose = ['ORC|RE||V1^STATE', 'RXA|0|1|20250101||107^DTAP^CVX|999||||||||||||||CP'];
const none = ['ORC|RE||9999^STATE', 'RXA|0|1|20260301||998^No vaccine administered^CVX|999||||||||||||||NA'];
const vaccine = (block: number, code: string) => `OBX|1|CE|30956-7^Vaccine type^LN|${block}|${code}^x^CVX||||||F`;
const status = (block: number, code: string) => `OBX|2|CE|59783-1^Status in series^LN|${block}|${code}^^LN||||||F`;

test('who is known stays as was told; what the registry evaluates and forecasts is written, and written anew by its next answer', async () => {
  await sent('VXU^V04^VXU_V04', `${pid}|||1 Known Way^^Rye`, ...dose);
  const [known] = await weir.search<Patient>('Patient?identifier=urn:id:STATE|31');

  const evaluation = [vaccine(1, '107'), 'OBX|2|ID|59781-5^Dose validity^LN|1|N||||||F'];
  await sent(
    'RSP^K11^RSP_K11',
    ...answer,
    pid,
    ...dose,
    ...evaluation,
    ...none,
    vaccine(1, '107'),
    status(1, 'LA13423-1'),
    vaccine(2, '03'),
    status(2, 'LA13422-3'),
  );
  expect(await weir.search<Patient>('Patient?identifier=urn:id:STATE|31')).toEqual([known]);
  const [immunization, ...others] = await weir.search<Immunization>('Immunization');
  expect(others).toEqual([]);
  expect(await weir.search<ImmunizationEvaluation>('ImmunizationEvaluation')).toMatchObject([
    { doseStatus: { coding: [{ code: 'notvalid' }, {}] }, immunizationEvent: { reference: `Immunization/${immunization?.id}` } },
  ]);
  const forecast = async () => {
    const found = await weir.search<ImmunizationRecommendation>('ImmunizationRecommendation');
    expect(found).toMatchObject([{ patient: { reference: `Patient/${known?.id}` } }]);
    return found[0]?.recommendation.map(({ vaccineCode, forecastStatus }) => [
      vaccineCode?.[0]?.coding?.[0]?.code,
      forecastStatus.coding?.[0]?.code,
    ]);
  };
  expect(await forecast()).toEqual([
    ['107', 'overdue'],
    ['03', 'due'],
  ]);

  await sent('RSP^K11^RSP_K11', ...answer, pid, ...none, vaccine(1, '107'), status(1, 'LA13421-5'));
  expect(await forecast()).toEqual([['107', 'complete']]);
});

test('candidates are listed, those unknown created; identifiers of one person make nobody; a query is an audit event', async () => {
  await sent(
    'RSP^K22^RSP_K21',
    'MSA|AA|Q2',
    'QAK|T2|OK',
    'QPD|Q22^Find Candidates^HL70471|T2|@PID.5.1^LOVELACE',
    pid,
    'QRI|97',
    'PID|2||32^^^STATE^SR||Lovelace^Byron',
    'QRI|60',
  );
  const patients = await weir.search<Patient>('Patient');
  expect(patients).toHaveLength(2);
  const [list] = await weir.search<List>('List?identifier=T2');
  expect(list?.entry?.map(({ item, flag }) => [item.reference, flag?.text])).toEqual(
    ['31', '32'].map((number, at) => [
      `Patient/${patients.find(({ identifier }) => identifier?.[0]?.value === number)?.id}`,
      `confidence ${[97, 60][at]}`,
    ]),
  );
  await sent(
    'RSP^K23^RSP_K23',
    'MSA|AA|Q3',
    'QAK|T3|OK',
    'QPD|Q23^Get Corresponding IDs^HL70471|T3|31^^^STATE',
    'PID|||77^^^WEST||^^^^^^S',
  );
  await sent('QBP^Q11^QBP_Q11', 'QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|T4|31^^^STATE^SR', 'RCP|I');
  expect(await weir.search<Patient>('Patient')).toHaveLength(2);
  expect((await weir.search<List>('List?identifier=T3'))[0]?.entry?.[0]?.item.identifier?.value).toBe('77');
  expect(await weir.search<AuditEvent>('AuditEvent')).toMatchObject([
    { type: { code: '110112' }, entity: [{ what: { identifier: { value: 'T4' } } }] },
  ]);
});
