/** Message + channel -> what is to become of it: mapped, filtered by a named rule, or nothing that any route says. Pure. */
import type { Channel } from '../channel/types.ts';
import { compileCondition } from '../hl7/condition-compile.ts';
import type { Message, Segment } from '../hl7/message.ts';
import { parsePath } from '../hl7/path.ts';
import type { Path } from '../hl7/types.ts';

export type RouteResult =
  | { readonly kind: 'map'; readonly mapping: string; readonly route: number }
  | { readonly kind: 'filter'; readonly reason: string; readonly route: number }
  | { readonly kind: 'none' };

/** A channel's routes, ready to run. */
export interface CompiledRoutes {
  readonly routes: readonly { readonly holds: (message: Message) => boolean; readonly result: RouteResult }[];
}

const none: RouteResult = { kind: 'none' };

/**
 * Compiles the routes of a checked channel.
 * @throws WeirError `hl7-bad-path` for a path that the lints would have found
 */
export function compileRoutes(channel: Pick<Channel, 'route'>): CompiledRoutes {
  const routes = channel.route.map((route, index) => ({
    holds: compileCondition<Message>(route.when, messageReader, (message) => [message.type, message.event]),
    result: (route.kind === 'map'
      ? { kind: 'map', mapping: route.mapping, route: index }
      : { kind: 'filter', reason: route.reason, route: index }) satisfies RouteResult,
  }));
  return { routes };
}

/** The first route that holds. A message of any content gives an answer; none of the routes is one of them. */
export function route(message: Message, compiled: CompiledRoutes): RouteResult {
  for (const { holds, result } of compiled.routes) if (holds(message)) return result;
  return none;
}

/**
 * All valued values in the message at a path; one without `[n]` means every segment of the name and every repetition. Of a value with
 * components it is the first, the code of a CWE, as in mappings: `PV1-2 = "P"` holds for `P^Preadmit`.
 */
function messageReader(text: string): (message: Message) => readonly string[] {
  const path = parsePath(text);
  const [name = '', rest = ''] = text.split('-');
  const occurrence = name.includes('[') ? path.occurrence : 0;
  const repetition = rest.includes('[') ? path.repetition : 0;
  return (message) => {
    const values: string[] = [];
    let nth = 0;
    for (const segment of message.segments) {
      if (segment.name !== path.segment) continue;
      nth += 1;
      if (occurrence !== 0 && nth !== occurrence) continue;
      if (path.field === 0) values.push(segment.text);
      else addCodes(segment, path, repetition, values);
    }
    return values;
  };
}

function addCodes(segment: Segment, { field, component, subcomponent }: Path, repetition: number, values: string[]): void {
  const last = repetition === 0 ? segment.count(field) : repetition;
  for (let at = repetition === 0 ? 1 : repetition; at <= last; at += 1) {
    const code = segment.value(field, at, component || 1, subcomponent || 1);
    // Without a first component the value as a whole is at least valued.
    const value = code === '' ? segment.value(field, at, component, subcomponent) : code;
    if (value !== '') values.push(value);
  }
}
