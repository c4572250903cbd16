/** The API's shapes, as its schemas declare them. Types only: nothing of the server is built into the page. */
import type { z } from 'zod';
import type * as schemas from '../../api/schemas.ts';

export type Channels = z.infer<typeof schemas.channelList>;
export type Channel = Channels['channels'][number];
export type Verdict = Channels['verdict'];
export type Messages = z.infer<typeof schemas.messageList>;
export type MessageLine = Messages['messages'][number];
export type MessageState = MessageLine['state'];
export type Message = z.infer<typeof schemas.messageDetail>;
export type Segment = Message['segments'][number];
export type Field = Segment['fields'][number];
export type Delivery = Message['deliveries'][number];
export type Troubles = z.infer<typeof schemas.troubleList>;
export type TroubleLine = Troubles['troubles'][number];
export type Trouble = z.infer<typeof schemas.troubleDetail>;
export type ConformanceFinding = Message['findings'][number];
export type Explained = z.infer<typeof schemas.explained>;
export type ExplainedField = NonNullable<Explained['fields']>[number];

export const states = [
  'delivered',
  'filtered',
  'waiting',
  'parked',
  'refused',
  'duplicate',
] as const satisfies readonly MessageState[];
