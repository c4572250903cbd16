/** Reading what is stored: a resource, one of its versions, its history, a search. All answer with text as it was stored. */
import type { Sql } from '../store/db.ts';
import { FhirFault } from './fault.ts';
import { parseSearch } from './query.ts';
import { search } from './search.ts';

export interface Stored {
  readonly version: number;
  readonly updated: Date;
  readonly method: string;
  readonly body: string;
}

const READ = {
  name: 'sandbox-read',
  text: `select v.version, v.updated, v.method, v.body from sandbox.resource r
    join sandbox.version v on v.type = r.type and v.id = r.id and v.version = r.version
    where r.type = $1 and r.id = $2`,
};
const READ_VERSION = {
  name: 'sandbox-read-version',
  text: 'select version, updated, method, body from sandbox.version where type = $1 and id = $2 and version = $3',
};
const HISTORY = {
  name: 'sandbox-history',
  text: 'select version, updated, method, body from sandbox.version where type = $1 and id = $2 order by version desc limit 1000',
};

/** The current version. Throws FhirFault 404 where there never was one, 410 where it was deleted. */
export async function read(db: Sql, type: string, id: string): Promise<Stored> {
  return present((await db.query<Stored>(READ, [type, id]))[0]);
}

/** One version of the past. Throws as `read` does. */
export async function readVersion(db: Sql, type: string, id: string, version: string): Promise<Stored> {
  // A version that is no number of ours was never given out.
  const number = /^\d{1,9}$/.test(version) ? Number(version) : 0;
  return present((await db.query<Stored>(READ_VERSION, [type, id, number]))[0]);
}

function present(row: Stored | undefined): Stored {
  if (row === undefined) throw new FhirFault(404, 'not-found', 'There is no such resource; search for it by its identifier');
  if (row.method === 'DELETE') throw new FhirFault(410, 'deleted', 'The resource was deleted; its history holds what it was');
  return row;
}

/** The text of a history Bundle of one resource, the latest version first. Throws FhirFault 404 where there never was one. */
export async function history(db: Sql, base: string, type: string, id: string): Promise<string> {
  const versions = await db.query<Stored>(HISTORY, [type, id]);
  if (versions.length === 0) throw new FhirFault(404, 'not-found', 'There is no such resource; search for it by its identifier');
  const url = `${type}/${id}`;
  const entries = versions.map(({ version, updated, method, body }) => {
    const status = method === 'DELETE' ? '204 No Content' : version === 1 ? '201 Created' : '200 OK';
    return entryText(`${base}/${url}`, body, {
      request: { method, url: method === 'POST' ? type : url },
      response: { status, etag: `W/"${version}"`, lastModified: updated.toISOString() },
    });
  });
  return bundleText({ type: 'history', total: versions.length }, entries);
}

/** The text of a searchset Bundle, with links to this page and the next. */
export async function searchset(db: Sql, base: string, type: string, query: string): Promise<string> {
  const asked = parseSearch(type, query);
  const page = await search(db, asked);
  const link = [{ relation: 'self', url: `${base}/${type}${query === '' ? '' : `?${query}`}` }];
  if (page.next !== null) {
    const params = new URLSearchParams(query);
    params.set('_after', page.next);
    link.push({ relation: 'next', url: `${base}/${type}?${params}` });
  }
  const entries = page.found.map(({ id, body }) => entryText(`${base}/${type}/${id}`, body, { search: { mode: 'match' } }));
  return bundleText({ type: 'searchset', total: page.total, link }, entries);
}

/** An entry around a stored text, which is not parsed: its decimals would lose their digits. */
export function entryText(fullUrl: string | null, body: string, rest: object): string {
  const head = [
    fullUrl === null ? '' : `"fullUrl":${JSON.stringify(fullUrl)}`,
    body === '' ? '' : `"resource":${body}`,
    JSON.stringify(rest).slice(1, -1),
  ];
  return `{${head.filter((part) => part !== '').join(',')}}`;
}

/** A Bundle around the texts of its entries. */
export function bundleText(head: object, entries: readonly string[]): string {
  const start = JSON.stringify({ resourceType: 'Bundle', ...head });
  return entries.length === 0 ? start : `${start.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}
