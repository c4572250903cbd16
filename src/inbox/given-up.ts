/** The register of patients whom merges gave up, by their address in bundles. What a later update of one leaves out of it is put back on its way out. */
import type { Sql, Statement } from '../store/db.ts';
import type { MapOutcome, MappedPatients, MapWork } from './map-work.ts';

interface Done {
  readonly work: MapWork;
  readonly outcome: MapOutcome;
}

const KNOWN: Statement = {
  name: 'given-up-known',
  text: 'select address, goes_on as "goesOn" from given_up where address = any($1::text[])',
};
const KEEP: Statement = {
  name: 'given-up-keep',
  text: `
with g as (
  select * from unnest($1::text[], $2::text[], $3::bigint[]) as g(address, goes_on, message)
), gone as (
  delete from given_up x using g where g.goes_on is null and x.address = g.address
)
insert into given_up (address, goes_on, message) select address, goes_on, message from g where goes_on is not null
on conflict (address) do update set goes_on = excluded.goes_on, message = excluded.message`,
};

/**
 * Holds a batch against the register, message by message in its order, and writes what it changes there. Before the batch is settled: a merge keeps the
 * lanes of both patients until then, so that no update behind it is looked at without it; done again, it says the same again.
 */
export async function keepGivenUp(db: Sql, done: readonly Done[]): Promise<readonly Done[]> {
  const addresses = new Set(done.flatMap((one) => patientsOf(one)?.updates ?? []));
  if (addresses.size === 0) return done;
  const rows = await db.query<{ address: string; goesOn: string }>(KNOWN, [[...addresses]]);
  const known = new Map(rows.map(({ address, goesOn }) => [address, goesOn]));
  const changed = new Map<string, { readonly goesOn: string | null; readonly message: string }>();
  const result = done.map((one) => {
    const patients = patientsOf(one);
    if (patients === null) return one;
    const message = one.work.id;
    for (const address of patients.active) if (known.delete(address)) changed.set(address, { goesOn: null, message });
    const marks = new Map(patients.updates.flatMap((address) => pair(address, known.get(address))));
    for (const [address, goesOn] of patients.givenUp) {
      marks.delete(address);
      if (known.get(address) === goesOn) continue;
      known.set(address, goesOn);
      changed.set(address, { goesOn, message });
    }
    return marks.size === 0 ? one : { ...one, outcome: { ...one.outcome, body: patients.marked(marks) } as MapOutcome };
  });
  if (changed.size > 0) {
    const changes = [...changed.values()];
    await db.query(KEEP, [[...changed.keys()], changes.map(({ goesOn }) => goesOn), changes.map(({ message }) => message)]);
  }
  return result;
}

/** The row of a merge's other lane does no work. */
function patientsOf({ work, outcome }: Done): MappedPatients | null {
  return work.blocker || outcome.kind !== 'mapped' ? null : (outcome.patients ?? null);
}

function pair(address: string, goesOn: string | undefined): [string, string][] {
  return goesOn === undefined ? [] : [[address, goesOn]];
}
