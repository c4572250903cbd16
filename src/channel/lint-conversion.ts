/** Lints of how a value becomes an element: maps, vocabularies, built-in conversions, bindings. */
import { baseType, isPrimitive, isResource, valueSetCodes } from '../fhir/elements.ts';
import { primitiveCheck } from '../fhir/primitives.ts';
import { functions } from '../map/functions.ts';
import { type DatatypeMap, type Row, siteUse } from '../map/mapping.ts';
import { converts } from './conversions.ts';
import { mayRefer, type Target } from './fhir-target.ts';
import { addTo, article, type RowLint } from './lint-rows.ts';
import { didYouMean } from './suggest.ts';

/** What a code can become. */
const coded = new Set([
  'code',
  'Coding',
  'CodeableConcept',
  'string',
  'uri',
  'url',
  'canonical',
  'boolean',
  'id',
  'markdown',
  'integer',
  'positiveInt',
  'unsignedInt',
  'decimal',
]);

/** What `join` may write. */
const texts: ReadonlySet<string> = new Set(['string', 'markdown', 'base64Binary']);

export class ConversionLint {
  readonly #lint: RowLint;

  constructor(lint: RowLint) {
    this.#lint = lint;
  }

  /** Checks the way from the row's value to its target; gives the type that a datatype map makes, null where there is none. */
  check(row: Row, target: Target, types: readonly string[], map: string): string | null {
    if (row.vocab !== undefined) this.#vocab(row, row.vocab, target, map);
    if (row.use !== undefined && !Object.hasOwn(functions, row.use) && !this.#isOfSite(row.use)) {
      const { places } = this.#lint.read;
      this.#lint.report(
        'unknown-function',
        places.of(row, 'use'),
        `There is no function ${row.use} (${row.use.startsWith('.') ? 'a site has ./sites/NAME/FILE.ts#FUNCTION, exported there' : 'docs/functions.md has them'})${didYouMean(row.use, Object.keys(functions), 'name one that is there')}`,
      );
    }
    if (row.join !== undefined && (target.list || !texts.has(target.type)))
      this.#wrong(
        row,
        'join',
        `${target.names.at(-1)} is no single text (it is ${target.list ? 'a list' : article(target.type)}); remove join`,
      );
    if (row.set !== undefined && row.set !== '""') this.#constant(row, row.set, target);
    if (row.ref !== undefined && target.type !== 'Reference' && target.type !== 'Resource') {
      this.#wrong(
        row,
        'to',
        `${target.names.at(-1)} is no reference (it is ${article(target.type)}, and "ref" makes one); name an element that refers`,
      );
    }
    if (row.make !== undefined && isResource(row.make) && !mayRefer(target, row.make) && target.type !== 'Resource') {
      this.#wrong(
        row,
        'make',
        `${target.names.at(-1)} cannot refer to ${article(row.make)} (it is ${target.type === 'Reference' ? `a reference to ${target.targets?.join(' or ')}` : article(target.type)}); make another resource`,
      );
    }
    if (row.as !== undefined) return this.#named(row, row.as, target, types, map);
    const reads = row.from !== undefined && row.ref === undefined && row.make === undefined && row.set === undefined;
    return reads || (row.vocab !== undefined && row.set === undefined) ? this.#implied(row, target, types, map) : null;
  }

  /** Whether the file of a site has a function of that name; one that cannot be read has a finding already. */
  #isOfSite(use: string): boolean {
    const named = siteUse(use);
    if (named === null) return false;
    const { mappings, damaged } = this.#lint.read;
    return damaged.has(named.path) || (mappings.functions?.get(named.path)?.names.includes(named.name) ?? false);
  }

  #vocab(row: Row, vocab: string, target: Target, map: string): void {
    const { mappings, places, damaged } = this.#lint.read;
    addTo(this.#lint.vocabs, map, vocab);
    if (!mappings.vocabs.has(vocab)) {
      if (damaged.has(vocab)) return;
      this.#lint.report(
        'unknown-vocab',
        places.of(row, 'vocab'),
        `There is no vocabulary map ${vocab} (mappings/vocab has no file of that name)${didYouMean(vocab, mappings.vocabs.keys(), 'write one, or name another')}`,
      );
    } else if (target.binding !== undefined) {
      this.#lint.bound.push({ vocab, valueSet: target.binding, element: target.names.join('.'), use: { row, map } });
    } else if (!coded.has(target.type) && target.type !== 'Resource') {
      this.#wrong(
        row,
        'to',
        `A code cannot become ${article(target.type)} (the row goes through the vocabulary ${vocab}); write to a code, Coding or CodeableConcept`,
      );
    }
  }

  #constant(row: Row, set: string | number | boolean, target: Target): void {
    const { places } = this.#lint.read;
    const template = typeof set === 'string' && /\{(?!\{)/.test(set);
    if (!isPrimitive(target.type)) {
      if (target.type === 'Resource') return;
      this.#wrong(row, 'set', `A constant cannot be ${article(target.type)} (it has elements of its own); set them one by one`);
      return;
    }
    const fault = primitiveCheck(target.type)?.(set) && primitiveCheck(target.type)?.(String(set));
    if (!template && fault)
      this.#wrong(row, 'set', `"${set}" is no ${target.type} (${target.names.at(-1)} wants one); correct it`);
    const codes = target.binding === undefined ? undefined : valueSetCodes(target.binding);
    if (!template && !fault && codes && target.type === 'code' && !codes.has(String(set))) {
      this.#lint.report(
        'outside-binding',
        places.of(row, 'set'),
        `"${set}" is no code of ${target.names.join('.')} (its value set ${short(target.binding ?? '')} is required)${didYouMean(String(set), codes, 'write one of its codes')}`,
      );
    }
  }

  /** `as` names a map: there is one, it reads what is read, and gives what is written. */
  #named(row: Row, as: string, target: Target, types: readonly string[], map: string): string | null {
    const { mappings, places, damaged } = this.#lint.read;
    addTo(this.#lint.datatypeMaps, map, as);
    const found = mappings.datatypes.get(as);
    if (!found) {
      if (!damaged.has(as))
        this.#lint.report(
          'unknown-map',
          places.of(row, 'as'),
          `There is no datatype map ${as} (mappings/datatypes has no file of that name)${didYouMean(as, mappings.datatypes.keys(), 'write one, or name another')}`,
        );
      return null;
    }
    if (
      types.length > 0 &&
      !types.includes('VARIES') &&
      !types.includes(found.datatype) &&
      row.set === undefined &&
      !converts(types[0] ?? '', 'string')
    ) {
      this.#wrong(
        row,
        'as',
        `${as} reads ${article(found.datatype)} (the value is ${article(types.join(' or '))}); name a map of ${types.join(' or ')}`,
      );
    }
    if (!gives(found, target))
      this.#wrong(
        row,
        'as',
        `${as} gives ${article(found.type)} (${target.names.at(-1)} is ${describe(target)}); name another map, or another element`,
      );
    return found.type;
  }

  /** No `as`: the map follows from the types, or the conversion is built in. */
  #implied(row: Row, target: Target, types: readonly string[], map: string): string | null {
    const { mappings, places, damaged } = this.#lint.read;
    if (target.type === 'Resource' || types.length === 0 || types.includes('VARIES')) return null;
    const candidates = [
      ...types.map((type) => `${type}[${target.type}]`),
      ...(target.targets ?? []).flatMap((resource) => types.map((type) => `${type}[${resource}]`)),
    ];
    const found = candidates.filter((name) => mappings.datatypes.has(name));
    for (const name of found) addTo(this.#lint.datatypeMaps, map, name);
    if (found.length > 0) return mappings.datatypes.get(found[0] ?? '')?.type ?? null;
    // The rows below fill what has elements of its own.
    if (candidates.some((name) => damaged.has(name)) || row.use !== undefined || (row.with && !isPrimitive(target.type)))
      return null;
    if (types.some((type) => converts(type, target.type))) return null;
    // A vocabulary takes the code of what is read, whatever holds it.
    if (row.vocab !== undefined && coded.has(target.type)) return null;
    const composite = !isPrimitive(target.type) || !types.some((type) => converts(type, 'string'));
    const name = target.names.at(-1);
    const next = `write ${candidates[0]}, or name a map with "as"`;
    if (composite)
      this.#lint.report(
        'missing-datatype-map',
        places.of(row, 'to'),
        `Nothing turns ${article(types[0] ?? '')} into ${article(target.type)} (${row.from} -> ${name}, and there is no map ${candidates[0]}); ${next}`,
      );
    else
      this.#wrong(
        row,
        'to',
        `${article(types[0] ?? '').replace(/^a/, 'A')} cannot become ${article(target.type)} (${row.from} -> ${name}); write to another element, or through a vocabulary`,
      );
    return null;
  }

  #wrong(row: Row, key: string, text: string): void {
    this.#lint.report('wrong-type-conversion', this.#lint.read.places.of(row, key), text);
  }
}

/** Whether what a map gives may stand at the target: the type, one that it specialises, or a resource that a reference may point at. */
function gives(map: DatatypeMap, target: Target): boolean {
  if (target.type === 'Resource' || map.type === target.type) return true;
  if (isResource(map.type)) return mayRefer(target, map.type);
  if (isPrimitive(map.type) && isPrimitive(target.type)) return converts('ST', target.type);
  return baseType(map.type) === target.type || baseType(target.type) === map.type;
}

function describe(target: Target): string {
  return target.type === 'Reference' && target.targets ? `a reference to ${target.targets.join(' or ')}` : article(target.type);
}

export function short(valueSet: string): string {
  return valueSet.replace(/\|.*$/, '').replace(/^.*\//, '');
}
