import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import { arrayText } from './array.ts';
import type { Db } from './db.ts';
import { openDb } from './pg.ts';

let db: Db;
beforeAll(async () => {
  db = openDb(await freshDatabase());
}, 60_000);
afterAll(() => db.close());

/** What PostgreSQL reads in an array of texts, each as JSON. */
async function texts(value: unknown): Promise<(string | null)[]> {
  const text = `select coalesce(json_agg(r.value order by r.ord), '[]')::text as all from unnest($1::text[]) with ordinality r(value, ord)`;
  const [row] = await db.query<{ all: string }>({ name: 'array-texts', text }, [value]);
  return JSON.parse(row?.all ?? 'null') as (string | null)[];
}

test('PostgreSQL reads any texts as they were, also those that look like its own signs', async () => {
  const value = fc.option(fc.oneof(fc.string(), fc.constantFrom('', 'NULL', '{}', '"', '\\', ',', ' ', '\\x41', 'é\u2028😀')));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 8 }), async (values) => {
      const storable = values.map((one) => one?.replaceAll('\0', '') ?? null);
      expect(await texts(arrayText(storable))).toEqual(storable);
      expect(await texts(storable)).toEqual(storable);
    }),
    { numRuns: 100 },
  );
});

test('numbers, truth values, times and bytes arrive as they are', async () => {
  const text =
    "select $1::int[] as ints, $2::bool[] as bools, $3::timestamptz[] as times, encode(($4::bytea[])[1], 'hex') as bytes";
  const time = new Date('2026-03-02T10:15:00.250Z');
  const values = [[1, -2, null], [true, false], [time], [Uint8Array.of(0, 92, 34, 255)]];
  const [row] = await db.query({ name: 'array-others', text }, values);
  expect(row).toEqual({ ints: [1, -2, null], bools: [true, false], times: [time], bytes: '005c22ff' });
});
