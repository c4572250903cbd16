/**
 * An analyst takes back a merge: for each patient whom the message gave up a message of Weir's own is stored in the channel, in the lanes of both patients, and is
 * mapped, delivered, retried and shown as any other. The merge stays as it is.
 */
import type { Bundle, FhirResource } from 'fhir/r4';
import type { Unmerged } from '../api/types.ts';
import type { Channel } from '../channel/types.ts';
import { errorEntry, WeirError } from '../errors.ts';
import { Message } from '../hl7/message.ts';
import { type Acts, byHand } from '../inbox/acts.ts';
import type { Intake } from '../inbox/intake.ts';
import type { InboxDesk, MessageDetail } from '../inbox/types.ts';
import { orderKeys } from '../route/order.ts';
import { type Act, actOf, controlIdOf, type Merged, mergedIn, type Taking, tells, unmergeMessage } from './unmerge-message.ts';

/** What a person did is done once, however long ago. Milliseconds. */
const EVER = 3_650 * 86_400_000;

export interface Unmerges {
  /**
   * Takes back what a message merged; gives the ids of the messages that do it. Throws `api-no-message`; `api-no-merge` where it merged no patients, or
   * none that was delivered as a bundle; `api-unmerged` where that was done before.
   */
  take(id: string, act: Act): Promise<string[]>;
  /** Who took back what a message merged, oldest first. */
  of(message: MessageDetail): Promise<Unmerged[]>;
}

export interface UnmergesOptions {
  readonly desk: InboxDesk;
  readonly acts: Acts;
  readonly intake: Pick<Intake, 'add'>;
  readonly channels: () => readonly Channel[];
}

export function openUnmerges({ desk, acts, intake, channels }: UnmergesOptions): Unmerges {
  const reader = (name: string) => {
    const charset = channels().find((channel) => channel.name === name)?.listen.charset ?? null;
    return (raw: Uint8Array) => Message.parse(raw, charset === null ? {} : { charset });
  };
  /** What a message merged, by the bundle that it was mapped to. */
  const mergesOf = ({ channel, type, raw, bundle }: MessageDetail): Merged[] =>
    bundle === null || !type.startsWith('ADT^') ? [] : mergedIn(reader(channel)(raw), JSON.parse(bundle) as Bundle<FhirResource>);
  const lastTold = async (merge: MessageDetail, lanes: readonly string[], merged: Merged): Promise<Message | null> => {
    const read = reader(merge.channel);
    for await (const raw of acts.told(merge.channel, lanes)) {
      const message = read(raw);
      if (tells(message, merged)) return message;
    }
    return null;
  };
  const made = ({ id, channel }: MessageDetail, merged: readonly Merged[]) =>
    merged.length === 0
      ? []
      : acts.made(
          channel,
          merged.map((_, at) => controlIdOf(id, at + 1)),
        );
  return {
    async of(message) {
      const messages = await made(message, mergesOf(message));
      return messages.map(({ id, raw }) => ({ id, ...actOf(Message.parse(raw)) }));
    },
    async take(id, act) {
      const merge = await desk.message(id);
      if (merge === null) throw new WeirError('api-no-message');
      const channel = channels().find(({ name }) => name === merge.channel);
      const destinations = deliveredTo(merge);
      const merged = mergesOf(merge);
      if (channel === undefined || destinations.length === 0 || merged.length === 0) throw new WeirError('api-no-merge');
      const done = new Set((await made(merge, merged)).map(({ controlId }) => controlId));
      const lanes = orderKeys(reader(channel.name)(merge.raw), channel);
      const ids: string[] = [];
      for (const [at, one] of merged.entries()) {
        // What broke off in between goes on where it was.
        if (done.has(controlIdOf(id, at + 1))) continue;
        const told = await lastTold(merge, lanes, one);
        const taking = { mergeId: id, channel: channel.name, place: at + 1, destinations, act, told };
        const stored = await store(intake, channel, one, taking);
        if (stored !== null) ids.push(stored);
      }
      if (ids.length === 0) throw new WeirError('api-unmerged');
      return ids;
    },
  };
}

function deliveredTo({ deliveries }: MessageDetail): string[] {
  return deliveries
    .filter(({ state, content }) => state === 'delivered' && content === 'bundle')
    .map(({ destination }) => destination);
}

/** Null where another request did the same meanwhile. */
async function store(intake: Pick<Intake, 'add'>, channel: Channel, merged: Merged, taking: Taking): Promise<string | null> {
  const message = unmergeMessage(merged, taking);
  const kept = await intake.add({
    channel: channel.name,
    receivedAt: taking.act.at,
    peer: byHand,
    sender: `WEIR^${channel.name}`,
    type: 'ADT^Z40',
    controlId: controlIdOf(taking.mergeId, taking.place),
    raw: message.bytes,
    ack: null,
    lanes: orderKeys(message, channel),
    refused: null,
    duplicatesWithin: EVER,
    more: { conflict: { does: 'reject', ack: null, code: null, text: errorEntry('api-unmerged').text } },
  });
  return kept.rejected || kept.duplicate ? null : kept.id;
}
