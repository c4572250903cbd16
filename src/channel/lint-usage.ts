/** Which maps use which, from the message maps down. */
import { allSteps } from '../map/like.ts';
import type { MessageMap } from '../map/mapping.ts';
import { resourceNames } from './lint-messages.ts';
import type { RowLint } from './lint-rows.ts';
import type { ReadMappings } from './mappings.ts';

export interface Usage {
  /** Map (segment, datatype or message map) -> the message maps that it runs in. */
  readonly messagesOf: ReadonlyMap<string, ReadonlySet<MessageMap>>;
  /** Message map -> the resource names it gives. */
  readonly names: ReadonlyMap<MessageMap, ReadonlyMap<string, string>>;
}

export function usageOf({ mappings }: ReadMappings, rows: RowLint): Usage {
  const messagesOf = new Map<string, Set<MessageMap>>();
  const visit = (name: string, message: MessageMap): void => {
    const messages = messagesOf.get(name) ?? new Set();
    messagesOf.set(name, messages);
    if (messages.has(message)) return;
    messages.add(message);
    for (const below of rows.datatypeMaps.get(name) ?? []) visit(below, message);
  };
  for (const message of mappings.messages.values()) {
    visit(message.message, message);
    for (const step of allSteps(mappings, message)) if (step.map !== undefined) visit(step.map, message);
  }
  return {
    messagesOf,
    names: new Map([...mappings.messages.values()].map((message) => [message, resourceNames(mappings, message)])),
  };
}
