/**
 * Writes `src/map/guide-targets.generated.json`: which rows of the HL7 V2-to-FHIR guide (1.0.0 STU 1, CC0) have a target in R4. By them `weir guide`
 * says what share of what can be executed is. A row of a segment or datatype map has one where R4 has the element that its path names and
 * its extension is one that R4 publishes; a row of a message map where it names a resource; a row of a vocabulary where it has a FHIR code.
 *
 *     node scripts/guide-targets.ts v2-to-fhir.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { element, isPrimitive, isResource, isType } from '../src/fhir/elements.ts';
import { extensionInfo, standsRight } from '../src/fhir/extensions.ts';

export interface GuideRow {
  readonly line: number;
  readonly fhirPath?: string;
  readonly fhirResource?: string;
  readonly assignment?: string;
  readonly comments?: string;
  readonly target?: string;
  readonly fhircode?: string;
}
export interface GuideMap {
  readonly name: string;
  readonly rows: readonly GuideRow[];
}
export type Guide = Readonly<Record<'messages' | 'segments' | 'datatypes' | 'tables', readonly GuideMap[]>>;
/** Kind of map -> its name -> the lines that have a target in R4. */
export type GuideTargets = Readonly<Record<keyof Guide, Readonly<Record<string, readonly number[]>>>>;

/** The rows with a target in R4, from the guide's own tables. */
export function guideTargets(guide: Guide): GuideTargets {
  const lines = (maps: readonly GuideMap[], has: (row: GuideRow, map: GuideMap) => boolean) =>
    Object.fromEntries(maps.map((map) => [map.name, map.rows.filter((row) => has(row, map)).map(({ line }) => line)] as const));
  return {
    messages: lines(guide.messages, ({ target }) => target !== undefined && isResource(target.replace(/\W.*$/, ''))),
    segments: lines(guide.segments, (row, map) => hasElement(row, map, typeOf(map))),
    datatypes: lines(guide.datatypes, (row, map) => hasElement(row, map, typeOf(map))),
    tables: lines(guide.tables, ({ fhircode }) => fhircode !== undefined),
  };
}

/** As the file holds them: a line a map. */
export function guideTargetsText(targets: GuideTargets): string {
  const kinds = Object.entries(targets).map(([kind, maps]) => {
    const lines = Object.entries(maps).map(([name, rows]) => `    ${JSON.stringify(name)}: ${JSON.stringify(rows)}`);
    return `  ${JSON.stringify(kind)}: {\n${lines.join(',\n')}\n  }`;
  });
  return `{\n${kinds.join(',\n')}\n}\n`;
}

/** `RelatedPerson` of `CX[RelatedPerson-Mother]`, `Device.udiCarrier` of `EI[Device-udiCarrier]`. */
function typeOf({ name }: GuideMap): string {
  const inner = name.slice(name.indexOf('[') + 1, -1);
  const backbone = inner.replace('-', '.');
  return isType(backbone) ? backbone : inner.replace(/[-.].*$/, '');
}

/** Whether R4 has what the row's path names, and has published the extension that stands in it. */
function hasElement({ fhirPath, line }: GuideRow, map: GuideMap, type: string): boolean {
  if (fhirPath === undefined) return false;
  const path = bare(fhirPath);
  const isKnown = (prefix: string, holder: Holder): boolean =>
    urlsOf(map, prefix, line).some((url) => {
      const info = extensionInfo(url.replace(/^https:/, 'http:'));
      return info !== undefined && standsRight(info, holder.type, holder.at);
    });
  return resolve({ type, at: undefined }, path, isKnown);
}

/** Without what the guide writes behind a path (`code="PLAC"`), blanks, and marks of items that are no numbers (`component[each]`). */
function bare(path: string): string {
  return path.replace(/\s*=.*$/, '').replace(/\s|\[each\]/g, '');
}

/** The URLs that the map gives to the extension at this prefix of a path, by the row nearest before this one. */
function urlsOf({ rows }: GuideMap, prefix: string, line: number): string[] {
  const own = rows.filter(({ fhirPath = '' }) => bare(fhirPath).startsWith(`${prefix}.ur`));
  const nearest = own.filter((row) => row.line <= line).at(-1) ?? own[0];
  return [nearest?.assignment, nearest?.comments].flatMap((text) => text?.match(/https?:\/\/[^\s"|]+/g) ?? []);
}

/** An element on the way: its type, and where it stands in what holds it (`Patient.name`). */
interface Holder {
  readonly type: string;
  readonly at: string | undefined;
}

/** Whether R4 has every element of a path of the guide: `participant[1].member(Practitioner.address)`, `who(Organization|Device)`. */
function resolve(start: Holder, path: string, isKnown: (prefix: string, holder: Holder) => boolean): boolean {
  let holder = start;
  const outer: Holder[] = [];
  for (const { 0: token, index } of path.matchAll(/[A-Za-z$]+|[()|]/g)) {
    if (token === '(') {
      if (holder.type !== 'Reference') return false;
      outer.push(holder);
      holder = { type: '', at: undefined };
    } else if (token === ')' || token === '|') {
      if (token === ')') holder = outer.pop() ?? holder;
      else holder = { type: '', at: undefined };
    } else if (holder.type === '') {
      if (!isResource(token)) return false;
      holder = { type: token, at: undefined };
    } else if (!token.startsWith('$')) {
      const { type } = holder;
      const info = element(isPrimitive(type) ? 'Element' : type, token);
      if (info === undefined) return false;
      const end = index + token.length + (/^\[\d+\]/.exec(path.slice(index + token.length))?.[0].length ?? 0);
      if (token === 'extension' && type !== 'Extension' && !isKnown(path.slice(0, end), holder)) return false;
      holder = { type: info.path, at: `${type}.${token}` };
    }
  }
  return true;
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('Which file? node scripts/guide-targets.ts v2-to-fhir.json');
  const targets = guideTargets(JSON.parse(readFileSync(file, 'utf8')) as Guide);
  writeFileSync(new URL('../src/map/guide-targets.generated.json', import.meta.url), guideTargetsText(targets));
}
