/**
 * The mapping engine's door: mappings and settings in, a mapper out. Everything is looked up and decided when a mapping is compiled; a
 * message runs through plain functions. Pure: no I/O, no clock, no randomness.
 */
import type { Bundle } from 'fhir/r4';
import { WeirError } from '../errors.ts';
import { group } from '../hl7/group.ts';
import { Locator } from '../hl7/locate.ts';
import type { Message } from '../hl7/message.ts';
import { formatLocation } from '../hl7/path.ts';
import { type CompiledMessage, compileMessage } from './compile-message.ts';
import { Compiler } from './compiler.ts';
import { finish } from './entries.ts';
import { addFieldProvenance } from './field-provenance.ts';
import { ledger } from './ledger.ts';
import type { Mappings } from './mapping.ts';
import { Run } from './runtime.ts';
import { Places, renderDeletions, renderTrace } from './trace.ts';
import type { Deletion, LedgerLine, MapIssue, MapResult, MapSettings, TraceEntry, UnmappedCode } from './types.ts';

/** What a mapping needs to know beside the message. */
export interface MapContext {
  /** When Weir received the message. */
  readonly receivedAt: Date;
  /** Whom the message is from, for ids; MSH-3^MSH-4 unless given. */
  readonly sender?: string;
}

export interface Mapper {
  /**
   * Maps a message by the message map of this name. What a value or the message lacks is in the result; it throws `route-unknown-mapping`
   * where there is no such map.
   */
  map(mapping: string, message: Message, context: MapContext): MapResult;
  /** Compiles a message map before its first message. Throws as `map` does, and `map-failed` on what `weir check` finds with a place. */
  prepare(mapping: string): void;
  /** The message map for a message type and event (MSH-9.1, MSH-9.2), else the one of its structure (MSH-9.3); null where there is none. */
  mappingFor(type: string, event: string, structure?: string): string | null;
}

/** A mapper whose message maps, and what they use, are compiled when first asked for: a channel uses few of them. */
export function compile(mappings: Mappings, settings: MapSettings): Mapper {
  const compiler = new Compiler(mappings, settings);
  const compiledMaps = new Map<string, CompiledMessage>();
  const routes = new Map<string, string>();
  for (const [name, map] of mappings.messages) for (const route of map.for) if (!routes.has(route)) routes.set(route, name);
  const compiledOf = (name: string): CompiledMessage => {
    const known = compiledMaps.get(name);
    if (known !== undefined) return known;
    const map = mappings.messages.get(name);
    if (map === undefined) throw new WeirError('route-unknown-mapping', name);
    const compiled = compileMessage(compiler, map);
    compiledMaps.set(name, compiled);
    return compiled;
  };
  return {
    prepare: (mapping) => void compiledOf(mapping),
    map(mapping, message, context) {
      const compiled = compiledOf(mapping);
      const run = new Run(message, settings, context.receivedAt, context.sender ?? message.sender, compiler.ids);
      const { root, guesses } = group(message, compiled.structure);
      if (message.undecodable !== null) run.issues.push(charsetIssue(message, message.undecodable));
      for (const { location, text } of guesses) run.issues.push(structureIssue(message, location, text));
      compiled.build(run, root);
      const result = new Result(run, finish(run), compiled.uses);
      if (settings.provenance === 'field') addFieldProvenance(run, result.bundle, result.trace);
      return result;
    },
    mappingFor(type, event, structure) {
      return (
        routes.get(`${type}^${event}`) ??
        routes.get(`${type}^*`) ??
        (structure !== undefined && mappings.messages.has(structure) ? structure : null)
      );
    },
  };
}

/** The text of such a message holds U+FFFD where bytes meant nothing. */
function charsetIssue(message: Message, offset: number): MapIssue {
  const location = new Locator(message).at(offset);
  const occurrence = message.segments.filter((one) => one.name === location?.segment && one.index <= location.index).length;
  const path = location === null ? 'MSH-18' : formatLocation(location, occurrence);
  const text = `There are bytes that mean nothing in the character set of the message (from byte ${offset} on, read as ${message.charset}); correct MSH-18 at the source, or set the channel's charset`;
  return { severity: 'error', code: 'undecodable', path, text };
}

function structureIssue(message: Message, index: number, text: string): MapIssue {
  const name = message.segments[index]?.name ?? '';
  const same = message.segments.filter((segment) => segment.name === name);
  const place = same.findIndex((segment) => segment.index === index) + 1;
  return { severity: 'warning', code: 'structure', path: same.length > 1 ? `${name}[${place}]` : name, text };
}

/** A result whose trace and ledger are written out for who reads them. */
class Result implements MapResult {
  readonly bundle: Bundle;
  readonly issues: readonly MapIssue[];
  readonly unmappedCodes: readonly UnmappedCode[];
  readonly #run: Run;
  readonly #uses: () => ReadonlySet<string>;
  #places: Places | null = null;

  constructor(run: Run, bundle: Bundle, uses: () => ReadonlySet<string>) {
    this.bundle = bundle;
    this.issues = run.issues;
    this.unmappedCodes = run.unmapped;
    this.#run = run;
    this.#uses = uses;
  }

  get trace(): readonly TraceEntry[] {
    return renderTrace(this.#run, this.#where());
  }

  get deletes(): readonly Deletion[] {
    return renderDeletions(this.#run, this.#where());
  }

  ledger(): LedgerLine[] {
    return ledger(this.#run, this.bundle, this.#uses());
  }

  #where(): Places {
    this.#places ??= new Places(this.bundle, this.#run);
    return this.#places;
  }
}
