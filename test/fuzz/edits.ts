import assert from 'node:assert/strict';
import { WeirError } from '../../src/errors.ts';
import { Draft } from '../../src/hl7/draft.ts';
import { Locator } from '../../src/hl7/locate.ts';
import type { Message } from '../../src/hl7/message.ts';
import { someText } from './inputs.ts';
import type { Random } from './random.ts';

const names = ['PID', 'OBX', 'OBX[2]', 'OBX[*]', 'MSH', 'ZZZ', 'NTE', 'PV1[3]', 'MSH[2]'];
const fields = ['-1', '-2', '-3', '-5', '-9', '-18', '-40', '-3[1]', '-3[2]', '-3[*]', '-3[7]'];
const below = ['', '', '.1', '.2', '.4', '.4.2', '.1.1', '.9.9'];
const refused = ['hl7-edit-place', 'hl7-edit-text', 'hl7-edit-escape', 'hl7-edit-broken', 'hl7-charset-lacks', 'hl7-bad-path'];

/** Edits a message: what is refused changes nothing, what is set is got, and every byte elsewhere stays. */
export function editSomewhere(message: Message | null, random: Random): void {
  if (message === null) return;
  const draft = Draft.of(message);
  const raw = message.bytes.slice();
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const before = draft.message;
    const path = random.pick(names) + random.pick(fields) + random.pick(below);
    try {
      edit(draft, path, random);
    } catch (error) {
      if (!(error instanceof WeirError && refused.includes(error.code))) throw error;
      assert.equal(draft.message, before);
    }
  }
  assert.deepEqual(message.bytes, raw);
}

function edit(draft: Draft, path: string, random: Random): void {
  const before = draft.message;
  const value = someText(random);
  switch (random.below(7)) {
    case 0:
    case 1:
      draft.set(path, value);
      assert.equal(
        draft.message.get(path.replace(/(-\d+)$/, '$1[1]')) ?? '',
        isWritten(before, path) ? value : (draft.message.get(path) ?? ''),
      );
      untouched(before, draft, path);
      return;
    case 2:
      draft.setRaw(path, value);
      untouched(before, draft, path);
      return;
    case 3:
      draft.remove(random.chance(4) ? random.pick(names) : path);
      return;
    case 4:
      draft.copy(random.pick(names) + random.pick(fields) + random.pick(below), path);
      return;
    case 5:
      draft.add(
        random.pick(['NTE', 'ZZZ']),
        { 1: value, '3.2': value },
        random.chance(2) ? { after: random.pick(names) } : undefined,
      );
      assert.equal(draft.message.segments.length, before.segments.length + 1);
      return;
    default:
      draft.add(random.pick(names) + random.pick(fields), value);
  }
}

/** `[*]` of nothing writes nothing. */
function isWritten(message: Message, path: string): boolean {
  const [segment = '', rest = ''] = path.split('-');
  const found = message.segments.filter((one) => one.name === segment.slice(0, 3));
  if (segment.endsWith('[*]') && found.length === 0) return false;
  return !rest.includes('[*]') || (!segment.endsWith('[*]') && message.get(`${segment}-${rest.replace('[*]', '[1]')}`) !== null);
}

/** All values but those in the fields that were written have the bytes that they had. */
function untouched(before: Message, draft: Draft, path: string): void {
  const [, name = '', field = ''] = /^(...)(?:\[[^\]]*\])?-(\d+)/.exec(path) ?? [];
  const values = (message: Message): string[] =>
    [...new Locator(message).all()]
      // A bare MSH gets its separator with its first field.
      .filter(
        ({ location }) =>
          location.segment !== name || (location.field !== Number(field) && (name !== 'MSH' || location.field > 2)),
      )
      .map(({ location, bytes }) => {
        // Where what stands behind a value begins in ASCII, the switch to it counts as the value's.
        const slice = Buffer.from(message.bytes.subarray(bytes.start, bytes.end))
          .toString('hex')
          .replace(/(?:1b(?:284[29a]|2442))+$/, '');
        return `${location.segment}-${location.field}.${location.repetition}.${location.component}.${location.subcomponent} ${slice}`;
      });
  assert.deepEqual(values(draft.message), values(before));
}
