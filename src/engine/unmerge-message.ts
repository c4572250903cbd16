/** A merge taken back, as a message: what it is composed of. Pure. HL7 v2 has no event for it: ADT^Z40 is Weir's own (mappings/messages/ADT_Z40.yaml). */
import type { Bundle, FhirResource, Patient } from 'fhir/r4';
import { Draft } from '../hl7/draft.ts';
import type { Message, Segment } from '../hl7/message.ts';

/** Who takes back a merge, when and why. */
export interface Act {
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/** One patient whom a merge gave up (MRG), and the one who goes on (PID). */
export interface Merged {
  readonly mrg: Segment;
  readonly pid: Segment;
}

/** Merges of a message as its bundle has them: of each MRG whose patient is marked there as replaced. */
export function mergedIn(merge: Message, bundle: Bundle<FhirResource>): Merged[] {
  const replaced = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Patient' && resource.link?.some(({ type }) => type === 'replaced-by') ? [resource] : [],
  );
  const found: Merged[] = [];
  let pid: Segment | null = null;
  for (const segment of merge.segments) {
    if (segment.name === 'PID') pid = segment;
    if (segment.name !== 'MRG' || pid === null) continue;
    const number = priorNumber(segment);
    if (replaced.some((patient) => hasNumber(patient, number))) found.push({ mrg: segment, pid });
  }
  return found;
}

/** The control id of the message that takes back the merge of that place, 1 for the first, in the message of that id. */
export function controlIdOf(mergeId: string, place: number): string {
  return `UNMERGE-${mergeId}-${place}`;
}

/** Who took back a merge, when, and why, of such a message. */
export function actOf(message: Message): { readonly by: string; readonly at: string; readonly reason: string } {
  const read = (path: string): string => message.get(path) ?? '';
  return { by: read('EVN-5'), at: read('EVN-2'), reason: read('ZUM-3') };
}

export interface Taking {
  readonly mergeId: string;
  readonly channel: string;
  readonly place: number;
  /** Where the merge was delivered. */
  readonly destinations: readonly string[];
  readonly act: Act;
  /** The latest message that tells of the patient who was given up; null where there is none. */
  readonly told: Message | null;
}

/**
 * Composes ADT^Z40: the patient as was told last, else as the merge has it. What a merge writes leaves out what was known
 * of the one who is given up; taken back, it is there again.
 */
export function unmergeMessage({ mrg, pid }: Merged, { mergeId, channel, place, destinations, act, told }: Taking): Message {
  const time = hl7Time(act.at);
  const known = givenUp({ mrg, pid });
  const own = told === null ? undefined : pidOf(told, known);
  const draft = Draft.create({
    type: 'ADT',
    event: 'Z40',
    controlId: controlIdOf(mergeId, place),
    time,
    sendingApplication: 'WEIR',
    sendingFacility: channel,
    ...(told === null || own === undefined ? {} : { delimiters: told.delimiters }),
  });
  draft.add('EVN', { 2: time, 5: act.by });
  if (told === null || own === undefined) asMerged(draft, mrg, known);
  else for (const segment of patientSegments(told, own)) draft.addRaw(segment.text);
  draft.add('MRG', { 1: cx(pid, 3, 1) });
  draft.add('ZUM', { 1: mergeId, 3: act.reason });
  for (const [at, name] of destinations.entries()) draft.set(`ZUM-2[${at + 1}]`, name);
  return draft.message;
}

/** Whether a message tells of the patient who was given up. */
export function tells(message: Message, merged: Merged): boolean {
  return pidOf(message, givenUp(merged)) !== undefined;
}

/** MRG-1, or MRG-4 of old senders: the number that is given up. */
function priorNumber(mrg: Segment): string {
  return mrg.value(1, 1, 1, 1) || mrg.value(4, 1, 1, 1);
}

function hasNumber({ identifier }: Patient, number: string): boolean {
  return number !== '' && (identifier ?? []).some(({ value }) => value === number);
}

/** A patient's number and the name of its authority. */
interface Known {
  readonly number: string;
  readonly authority: string;
}

/** A number without an authority is of that of the one who goes on, as the map of MRG has it. */
function givenUp({ mrg, pid }: Merged): Known {
  return { number: priorNumber(mrg), authority: mrg.value(1, 1, 4, 1) || pid.value(3, 1, 4, 1) };
}

/** The PID whose first number is this one: further ones may be those of a patient who was merged into it. */
function pidOf(message: Message, { number, authority }: Known): Segment | undefined {
  return message.segments.find(
    (segment) =>
      segment.name === 'PID' && segment.value(3, 1, 1, 1) === number && (segment.value(3, 1, 4, 1) || authority) === authority,
  );
}

/** PID with what stands behind it of the patient: PD1, NK1, PV1, up to the next patient. */
function patientSegments(message: Message, pid: Segment): Segment[] {
  const behind = message.segments.slice(pid.index + 1);
  const next = behind.findIndex(({ name }) => name === 'PID');
  const own = next < 0 ? behind : behind.slice(0, next);
  return [pid, ...['PD1', 'NK1', 'PV1'].flatMap((wanted) => own.filter(({ name }) => name === wanted))];
}

function asMerged(draft: Draft, mrg: Segment, { authority }: Known): void {
  const field = mrg.value(1, 1, 1, 1) === '' ? 4 : 1;
  const numbers = Array.from({ length: mrg.count(field) }, (_, at) => cx(mrg, field, at + 1));
  draft.add('PID', { 1: '1', 5: components(mrg, 7, 1, 7) });
  for (const number of numbers) draft.add('PID-3', number[4] === undefined ? { ...number, 4: authority } : number);
}

/** A number with its authority and type (CX.1, CX.4, CX.5). */
function cx(segment: Segment, field: number, repetition: number): Record<string, string> {
  const read = (component: number, subcomponent: number) => segment.value(field, repetition, component, subcomponent);
  const parts = { 1: read(1, 1), 4: read(4, 1), '4.2': read(4, 2), '4.3': read(4, 3), 5: read(5, 1) };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== ''));
}

function components(segment: Segment, field: number, repetition: number, last: number): Record<string, string> {
  const parts = Array.from({ length: last }, (_, at) => [String(at + 1), segment.value(field, repetition, at + 1, 1)] as const);
  return Object.fromEntries(parts.filter(([, value]) => value !== ''));
}

/** `20260301120000+0000` */
function hl7Time(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/\D/g, '')}+0000`;
}
