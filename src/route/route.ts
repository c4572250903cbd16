/** Message + channel -> what is to become of it: mapped, passed on, filtered by a named rule, or nothing that any route says. Pure. */
import type { Channel, Route } from '../channel/types.ts';
import { messageCondition } from '../hl7/condition-message.ts';
import type { Message } from '../hl7/message.ts';

/** `route` is the index of the route in the channel. */
export type RouteResult =
  | { readonly kind: 'map'; readonly mapping: string; readonly route: number }
  | { readonly kind: 'pass'; readonly route: number }
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
    result: resultOf(route, index),
  }));
  return { routes };
}

function resultOf(route: Route, index: number): RouteResult {
  switch (route.kind) {
    case 'map':
      return { kind: 'map', mapping: route.mapping, route: index };
    case 'pass':
      return { kind: 'pass', route: index };
    case 'filter':
      return { kind: 'filter', reason: route.reason, route: index };
  }
}

/** The first route that holds. A message of any content gives an answer; none of the routes is one of them. */
export function route(message: Message, compiled: CompiledRoutes): RouteResult {
  for (const { holds, result } of compiled.routes) if (holds(message)) return result;
  return none;
}
