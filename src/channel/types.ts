/** A channel and a whole configuration, as the rest of the engine sees them: checked, complete, every default filled in. */
import type { Condition } from '../hl7/condition.ts';
import type { Profile } from '../hl7/conformance/profile.ts';
import type { EditStep } from '../map/edits.ts';
import type { Mappings, MapTest, Source, VocabTest } from '../map/mapping.ts';
import type { MapSettings } from '../map/types.ts';
import type { ClientTls, ServerTls } from '../tls.ts';
import type { AddressRange } from './addresses.ts';

export interface Channel {
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly listen: Listen;
  /** v2 path of the order key. Default `PID-3.1`. Messages without it share one lane. */
  readonly orderBy: string;
  readonly duplicates: Duplicates | null;
  /** Null: messages are not checked. */
  readonly conform: Conform | null;
  readonly acknowledge: Acknowledge;
  readonly route: readonly Route[];
  readonly destinations: readonly Destination[];
  readonly settings: MapSettings;
  /** Names of folders in mappings/sites, laid over the base in this order. */
  readonly overlays: readonly string[];
  /** What happens to a bundle that is not valid R4: `park` (default) or `send`. */
  readonly invalid: 'park' | 'send';
  /** What a parked message does to its lane: `go-on` (default) or `hold`. */
  readonly parked: 'go-on' | 'hold';
  readonly tests: readonly ChannelTest[];
  readonly source: Source;
}

export interface Duplicates {
  readonly by: string;
  /** Milliseconds. */
  readonly within: number;
  /** What the same control id with other content does: nothing but being counted (default), parks the message, or rejects it. */
  readonly conflict: 'accept' | 'park' | 'reject';
}

/** Which answers a sender gets beyond the one that its message is stored. */
export interface Acknowledge {
  /** When the application ACK that MSH-16 asks for leaves. Default `after-delivery`. */
  readonly application: 'after-delivery' | 'after-mapping' | 'never';
  /** When the one ACK of original mode leaves. Default `at-once`, when the message is stored. */
  readonly original: 'at-once' | 'after-mapping' | 'after-delivery';
  /** Where application ACKs go; null: to a connection of the sender. */
  readonly to: ReplyAddress | null;
  /** Whether an application ACK asks for an accept ACK itself, and is sent again until that has come. */
  readonly confirm: boolean;
}

/** An MLLP listener of the sender's side. */
export interface ReplyAddress {
  readonly host: string;
  readonly port: number;
  /** Null: plain TCP. */
  readonly tls: ClientTls | null;
}

/** What messages are checked against, and what a deviation of severity error does. */
export interface Conform {
  readonly standard: boolean;
  readonly profile: Profile | null;
  readonly then: 'report' | 'park' | 'reject';
}

export interface Listen {
  readonly port: number;
  /** Of MLLP. 2: a commit block (0x06, 0x15) says whether a frame is stored, before any ACK. Default 1. */
  readonly release: 1 | 2;
  /** Whether sequence numbers (MSH-13) are held to (HL7 2.9, 2.10.1). */
  readonly sequence: boolean;
  /** Accepted MSH-3^MSH-4 pairs, `*` for any part; empty: anyone. */
  readonly from: readonly string[];
  /** Accepted MSH-9, `ADT^*`; empty: any. */
  readonly types: readonly string[];
  /** Accepted MSH-11.1, `P`, and MSH-12.1, `2.5.1`; empty: any. */
  readonly processing: readonly string[];
  readonly versions: readonly string[];
  /** Bytes a frame may have at most. Default 16 MiB. */
  readonly maxFrame: number;
  /** Bytes that all connections may hold together of what has begun or is not answered yet, beyond 64 KiB of each. Default 256 MiB. */
  readonly maxUnfinished: number;
  /** Milliseconds a frame may take from its first byte to its last. Default 60 s. */
  readonly frameTimeout: number;
  /** Milliseconds a connection may be idle; 0: for ever (default). */
  readonly idleTimeout: number;
  /** Milliseconds of silence before the operating system asks whether the sender is still there; 0: never. Default 60 s. */
  readonly keepAlive: number;
  /** Connections at a time; 0: any number. Default 2000. */
  readonly maxConnections: number;
  /** Connections of one address; 0: any number (default). */
  readonly maxConnectionsPerAddress: number;
  /** The addresses that may connect; empty: any. */
  readonly allow: readonly AddressRange[];
  /** Overrides MSH-18 where a sender lies about it: an MSH-18 code or an encoding label. */
  readonly charset: string | null;
  /** Null: plain TCP. */
  readonly tls: ServerTls | null;
}

interface AnyRoute {
  readonly when: Condition;
  readonly text: string;
  readonly source: Source;
}

/** What messages that go on have: where to, and what is changed in them for destinations that take messages. */
interface Onward {
  /** Names of destinations; null: all. */
  readonly to: readonly string[] | null;
  readonly edits: readonly EditStep[];
}

export type Route =
  | (AnyRoute & { readonly kind: 'filter'; readonly reason: string })
  | (AnyRoute & Onward & { readonly kind: 'map'; readonly mapping: string })
  /** Not mapped: only destinations that take messages get it. */
  | (AnyRoute & Onward & { readonly kind: 'pass' });

interface AnyDestination {
  /** `to`, unique in the channel. */
  readonly name: string;
  readonly retry: Retry;
  /** Requests or messages in flight at most. Default 8 for FHIR, 1 for MLLP. */
  readonly concurrency: number;
  /** How encrypted connections are made; null: FHIR as HTTPS is made, MLLP without TLS. */
  readonly tls: ClientTls | null;
  readonly source: Source;
}

/** Takes bundles. */
export interface FhirDestination extends AnyDestination {
  readonly kind: 'fhir';
  /** Base URL of a FHIR server; the built-in sandbox is `sandbox`. */
  readonly fhir: string;
  /** Milliseconds to wait for an answer. Default 30 s. */
  readonly timeout: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes messages. */
export interface MllpDestination extends AnyDestination {
  readonly kind: 'mllp';
  readonly host: string;
  readonly port: number;
  readonly waitFor: 'accept' | 'application' | 'commit';
  /** Milliseconds to wait for each ACK. Default 30 s. */
  readonly ackTimeout: number;
  /** Milliseconds to wait for a connection. Default 10 s. */
  readonly connectTimeout: number;
  /** What AE and CE mean. Default `retry`. */
  readonly onError: 'retry' | 'park';
  /** Bytes an answer may have at most. Default 1 MiB. */
  readonly maxAnswer: number;
  readonly release: 1 | 2;
  readonly edits: readonly EditStep[];
}

export type Destination = FhirDestination | MllpDestination;

/** Backoff doubles from `first` to `max`; after `for` the message is parked. Milliseconds. Defaults 1 s, 5 min, 72 h. */
export interface Retry {
  readonly first: number;
  readonly max: number;
  readonly for: number;
}

export interface ChannelTest {
  readonly name: string;
  /** A fixture's path, relative to the channel file, or the message itself. */
  readonly given: string;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly source: Source;
}

/** Whether what a test is given is a message, and not the path of one. */
export function isMessageText(given: string): boolean {
  return given.includes('|');
}

/** Something wrong in a file: where, a closed code, and a sentence `<what> (<where, why>); <next step>`. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly text: string;
}

export interface Config {
  readonly channels: readonly Channel[];
  /** The base, without any overlay. */
  readonly mappings: Mappings;
  /** The base under overlays, by their names in order, joined by blanks. */
  readonly overlaid: ReadonlyMap<string, Mappings>;
  /** The inline tests of all maps. */
  readonly mapTests: readonly MapTestCase[];
}

/** An inline test, the map that it is of, and the mappings that it runs with. */
export type MapTestCase = { readonly map: string; readonly mappings: Mappings } & (
  | { readonly kind: 'message' | 'segment' | 'datatype'; readonly test: MapTest }
  | { readonly kind: 'vocab'; readonly test: VocabTest }
);

/** The mappings as a channel sees them: the same ones for all channels with the same overlays. */
export function mappingsOf({ mappings, overlaid }: Config, { overlays }: Channel): Mappings {
  return overlaid.get(overlays.join(' ')) ?? mappings;
}
