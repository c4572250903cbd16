/** Statements one after another, for a stage whose work can wait: PostgreSQL has its processors for what cannot. */
import type { Sql } from './db.ts';

/** The same store, each of whose statements begins when the one before it is over, whatever became of that. */
export function inTurn(db: Sql): Sql {
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  };
  return {
    query: (statement, values) => next(() => db.query(statement, values)),
    script: (sql) => next(() => db.script(sql)),
  };
}
