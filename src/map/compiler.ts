/** What is compiled once and shared by all maps of a configuration: datatypes and vocabularies by name, names of resources as numbers. */
import { WeirError } from '../errors.ts';
import { parseZone, type Zone } from '../hl7/date.ts';
import { Authorities, CodeSystems } from './code-systems.ts';
import { type CompiledDatatype, compileDatatype } from './compile-datatype.ts';
import type { LibraryFunction } from './functions.ts';
import { IdCache } from './identity.ts';
import { type BuildStep, type Mappings, siteUse } from './mapping.ts';
import type { RowFn } from './runtime.ts';
import type { ScopePlan } from './scope.ts';
import { siteFunction } from './site-function.ts';
import type { SkipRule } from './skips.ts';
import type { MapSettings } from './types.ts';
import { Vocabulary } from './vocab.ts';

/** The rows of a segment map, and of a step, for resources of one type, compiled. */
export interface Content {
  readonly plan: ScopePlan;
  readonly skips: readonly SkipRule[];
  readonly fill: RowFn;
}

export class Compiler {
  readonly mappings: Mappings;
  readonly settings: MapSettings;
  readonly zone: Zone;
  readonly codeSystems: CodeSystems;
  readonly authorities: Authorities;
  readonly ids = new IdCache();
  readonly #datatypes = new Map<string, CompiledDatatype>();
  readonly #contents = new Map<string | BuildStep, Map<string, Content>>();
  readonly #vocabularies = new Map<string, Vocabulary>();
  readonly #names = new Map<string, number>();
  readonly #siteFunctions = new Map<string, LibraryFunction>();

  constructor(mappings: Mappings, settings: MapSettings) {
    const zone = parseZone(settings.timezone);
    if (zone === null) throw new WeirError('map-failed', `"${settings.timezone}" is no time zone`);
    this.mappings = mappings;
    this.settings = settings;
    this.zone = zone;
    this.codeSystems = new CodeSystems(settings);
    this.authorities = new Authorities(settings);
  }

  /** A datatype map by name; undefined where there is none. Maps may use each other in a circle: what is given then is filled in later. */
  datatype(name: string): CompiledDatatype | undefined {
    const known = this.#datatypes.get(name);
    if (known !== undefined) return known;
    const map = this.mappings.datatypes.get(name);
    if (map === undefined) return undefined;
    return compileDatatype(this, map, (compiled) => this.#datatypes.set(name, compiled));
  }

  /**
   * What a segment map, or a step with rows of its own, writes into resources of a type; compiled for the first who asks, as message maps share
   * most of theirs. What numbers its fillings (`[#]`) is each step's own: every step counts from 1.
   */
  content(of: string | BuildStep, type: string, compile: () => Content): Content {
    const byType = this.#contents.get(of) ?? new Map<string, Content>();
    const known = byType.get(type);
    if (known !== undefined) return known;
    const content = compile();
    if (!content.plan.isCounted) this.#contents.set(of, byType.set(type, content));
    return content;
  }

  /** A function of a site, by `./sites/NAME/FILE.ts#FUNCTION`; undefined where there is none. Prepared once. */
  siteFunction(use: string): LibraryFunction | undefined {
    const known = this.#siteFunctions.get(use);
    if (known !== undefined) return known;
    const named = siteUse(use);
    const module = named === null ? undefined : this.mappings.functions?.get(named.path);
    if (named === null || module === undefined || !module.names.includes(named.name)) return undefined;
    const prepared = siteFunction(module, named.name);
    this.#siteFunctions.set(use, prepared);
    return prepared;
  }

  vocabulary(name: string): Vocabulary {
    const known = this.#vocabularies.get(name);
    if (known !== undefined) return known;
    const map = this.mappings.vocabs.get(name);
    if (map === undefined) throw new WeirError('map-failed', `there is no vocabulary map ${name}`);
    const vocabulary = new Vocabulary(map);
    this.#vocabularies.set(name, vocabulary);
    return vocabulary;
  }

  /** A resource's name as a number: the same for the same name. */
  name(text: string): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const number = this.#names.size;
    this.#names.set(text, number);
    return number;
  }
}
