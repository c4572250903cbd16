/** What becomes of a message on its way to the destinations: what a person did goes past the routes, what a socket brings never does. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { repositoryRoot } from '../../test/support/temp.ts';
import { openConfig } from '../cli/config.ts';
import { byHand } from '../inbox/acts.ts';
import { readSettings } from '../settings.ts';
import { openTranslation, type Translation } from './translate.ts';

let translation: Translation;
beforeAll(async () => {
  const { config } = await openConfig({
    ...readSettings({}),
    channels: join(repositoryRoot, 'channels'),
    mappings: join(repositoryRoot, 'mappings'),
  });
  if (config === null) throw new Error('the channels of the repository are not good');
  const quiet = () => {};
  translation = openTranslation(
    config,
    { troubled: quiet, acked: quiet, nonconforming: quiet, mapped: quiet, delivered: quiet, retried: quiet, replied: quiet },
    { debug: quiet, request: quiet, info: quiet, trouble: (where, error) => console.error(where, error) },
  );
});

const unmerge = (destinations: string) =>
  Buffer.from(
    [
      'MSH|^~\\&|WEIR|adt|||20260301120000+0000||ADT^Z40|UNMERGE-17-1|P|2.5.1',
      'EVN||20260301120000+0000|||jdoe',
      'PID|1||old^^^MERCY^MR||Wren^Eva',
      'MRG|new^^^MERCY^MR',
      `ZUM|17|${destinations}|two persons`,
    ].join('\r'),
  );
const map = (peer: string, destinations = 'sandbox') =>
  translation.map('adt', { raw: unmerge(destinations), received: new Date('2026-03-01T12:00:00Z'), peer });

test('a merge that a person took back goes to the destinations that got the merge, past the routes', () => {
  const outcome = map(byHand);
  expect(outcome).toMatchObject({ kind: 'mapped', mapping: 'ADT_Z40', onward: [{ destination: 'sandbox', content: 'bundle' }] });
  const text = outcome.kind === 'mapped' ? Buffer.from(outcome.body ?? '').toString() : '';
  expect(JSON.parse(text)).toMatchObject({
    entry: [{ resource: { resourceType: 'Patient', active: true }, request: { method: 'PUT' } }],
  });
});

test('and is parked where the channel has none of them any more', () => {
  expect(map(byHand, 'gone')).toMatchObject({ kind: 'parked', cause: { code: 'route-none' } });
});

test('the same from a socket is routed as any message is: the channel has no route for it', () => {
  expect(map('10.1.2.3:40112')).toMatchObject({ kind: 'parked', cause: { code: 'route-none' } });
});
