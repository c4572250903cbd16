/** What goes where: of each route of a channel, the destinations that take its bundle, and those that take the message, edited for them. */
import type { Channel, Destination, MllpDestination, Route } from '../channel/types.ts';
import type { Message } from '../hl7/message.ts';
import { compileEdits, type EditChange, type Edited, type Edits } from '../map/edit.ts';
import type { Mappings } from '../map/mapping.ts';

/** A destination that takes messages, and what is done to them on the way there. */
export interface MessageTaker {
  readonly destination: string;
  /** Null where the message goes as it came. */
  readonly edits: Edits | null;
  /** The steps of `edits`, named for a person: `route 2, step 1`, `lis, step 3`. */
  readonly steps: readonly string[];
}

export interface RouteOnward {
  readonly bundleTakers: readonly string[];
  readonly messageTakers: readonly MessageTaker[];
}

const nowhere: RouteOnward = { bundleTakers: [], messageTakers: [] };

/** By the index of the route. */
export function compileOnward({ route, destinations }: Channel, vocabs: Mappings['vocabs']): readonly RouteOnward[] {
  return route.map((one, index) => {
    if (one.kind === 'filter') return nowhere;
    const meant = destinations.filter(({ name }) => one.to === null || one.to.includes(name));
    return {
      bundleTakers: one.kind === 'map' ? meant.filter(({ kind }) => kind === 'fhir').map(({ name }) => name) : [],
      messageTakers: meant.filter(isMllp).map((destination) => takerOf(one, index, destination, vocabs)),
    };
  });
}

function isMllp(destination: Destination): destination is MllpDestination {
  return destination.kind === 'mllp';
}

function takerOf(
  route: Exclude<Route, { kind: 'filter' }>,
  index: number,
  { name, edits }: MllpDestination,
  vocabs: Mappings['vocabs'],
): MessageTaker {
  const steps = [
    ...route.edits.map((_, step) => `route ${index + 1}, step ${step + 1}`),
    ...edits.map((_, step) => `${name}, step ${step + 1}`),
  ];
  return { destination: name, edits: steps.length === 0 ? null : compileEdits([...route.edits, ...edits], vocabs), steps };
}

export interface TakenMessage extends Omit<Edited, 'changes'> {
  readonly destination: string;
  /** What the edits changed, in their order. */
  readonly changes: readonly (Omit<EditChange, 'step'> & { readonly step: string })[];
}

/** The message as each of its takers is to get it. */
export function messagesFor(message: Message, { messageTakers }: RouteOnward): TakenMessage[] {
  return messageTakers.map(({ destination, edits, steps }) => {
    const edited = edits?.(message) ?? { message, changes: [], fault: null };
    const changes = edited.changes.map((change) => ({ ...change, step: steps[change.step] ?? '' }));
    return { ...edited, destination, changes };
  });
}
