/** What other rooms know of PostgreSQL. Only this room imports `pg`. */

/** A named statement: PostgreSQL plans it once a connection. The name tells it apart in logs and pg_stat_statements. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Something statements can be run on: the pool, or one transaction. */
export interface Sql {
  /** Runs a statement and gives its rows. Rejects with `store-unavailable` when the connection is lost. */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** Runs SQL of several statements without values: migrations. */
  script(sql: string): Promise<void>;
}

export interface Db extends Sql {
  /** Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it rejects. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  /** Closes the pool when running statements are done. */
  close(): Promise<void>;
}
