/** The tables of the built-in FHIR store, in a schema of their own. */

/**
 * `resource` says what is the current version of each resource, `version` holds the text of every version as it is answered: JSON as
 * text, because jsonb would put keys in another order and JavaScript would lose the digits of decimals. `search` has one row a value
 * that resources are found by; a resource that was deleted has none.
 */
const firstTables = `
create schema sandbox;

create table sandbox.resource (
  type    text not null,
  id      text not null,
  version integer not null,
  updated timestamptz not null,
  deleted boolean not null,
  digest  bytea,                -- of the content without what the store itself writes: an unchanged update makes no version
  primary key (type, id)
);
create index resource_updated on sandbox.resource (type, updated desc, id desc) where not deleted;

create table sandbox.version (
  type    text not null,
  id      text not null,
  version integer not null,
  updated timestamptz not null,
  method  text not null,        -- POST, PUT or DELETE
  body    text not null,        -- empty for a deletion
  primary key (type, id, version)
);

create table sandbox.search (
  type   text not null,
  id     text not null,
  param  text not null,         -- identifier, subject, encounter, name, family, given
  system text not null,         -- of an identifier; empty where it has none
  value  text not null          -- names are folded: lower case, no accents
);
create index search_value on sandbox.search (type, param, value text_pattern_ops, system);
create index search_system on sandbox.search (type, param, system);
create index search_resource on sandbox.search (type, id);
`;

export const sandboxMigrations: readonly { readonly id: string; readonly sql: string }[] = [
  { id: 'sandbox-001-tables', sql: firstTables },
];
