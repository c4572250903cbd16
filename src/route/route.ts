/** Message + channel -> what is to become of it: mapped, filtered by a named rule, or nothing that any route says. Pure. */
import type { Channel } from '../channel/types.ts';
import { messageCondition } from '../hl7/condition-message.ts';
import type { Message } from '../hl7/message.ts';

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
    holds: messageCondition(route.when),
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
