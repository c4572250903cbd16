/** What conformance checks said of messages, kept with them. */
import type { ConformanceFinding } from '../hl7/conformance/check.ts';
import type { Sql, Statement } from '../store/db.ts';

/** What was found of a message when it was mapped last; without any, what was found before is cleared. */
export interface FoundOf {
  readonly id: string;
  readonly day: string;
  readonly findings: readonly ConformanceFinding[];
}

const KEEP: Statement = {
  name: 'findings-keep',
  text: `
with f as (
  select * from unnest($1::bigint[], $2::date[], $3::text[]) as f(id, day, findings)
), cleared as (
  delete from finding x using f where f.findings is null and x.id = f.id and x.day = f.day
)
insert into finding (id, day, findings) select id, day, findings::jsonb from f where findings is not null
on conflict (id, day) do update set findings = excluded.findings`,
};

/** Written before what became of the messages: a check that is made again says the same again. */
export async function keepFindings(db: Sql, found: readonly FoundOf[]): Promise<void> {
  if (found.length === 0) return;
  await db.query(KEEP, [
    found.map(({ id }) => id),
    found.map(({ day }) => day),
    found.map(({ findings }) => findingsText(findings)),
  ]);
}

/** As jsonb reads them; null where there are none. */
export function findingsText(findings: readonly ConformanceFinding[] | undefined): string | null {
  return findings === undefined || findings.length === 0 ? null : JSON.stringify(findings);
}
