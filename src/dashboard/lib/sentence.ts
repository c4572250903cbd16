/** What became of a message, as a sentence with its cause. Pure. */
import { clock, plural, until } from './format.ts';
import type { Delivery, Message } from './types.ts';

export interface Sentence {
  readonly text: string;
  readonly tone: 'well' | 'wait' | 'act' | 'quiet';
}

/** The state of a message and why, for the head of its page. */
export function stateSentence(message: Message): Sentence {
  const cause = message.cause?.text ?? '';
  switch (message.state) {
    case 'delivered':
      return { tone: 'well', text: deliveredSentence(message) };
    case 'filtered':
      return { tone: 'quiet', text: `Filtered by the channel, and not delivered: ${cause}` };
    case 'waiting':
      return { tone: 'wait', text: waitingSentence(message) };
    case 'parked':
      return { tone: 'act', text: `Parked: ${within(cause || causeOfDeliveries(message.deliveries))}` };
    case 'refused':
      return { tone: 'act', text: `Refused, and kept: ${within(cause)}` };
    case 'duplicate':
      return {
        tone: 'quiet',
        text: `The same message came before; the stored ACK was sent again and nothing was mapped${cause && `: ${cause}`}`,
      };
  }
}

/** A sentence that goes on within another. */
const within = (text: string) => text.replace(/^The /, 'the ');

/** What became of its ACK. */
export function ackSentence({ ack }: Message): string {
  switch (ack) {
    case 'sent':
      return 'The ACK was sent';
    case 'owed':
      return 'The ACK has not left yet';
    case 'lost':
      return 'The connection ended before the ACK left; the sender may send the message again';
    case 'not-owed':
      return 'The sender asked for no ACK';
  }
}

/** What became of its application ACK; null where none was asked for. */
export function replySentence({ reply, now }: Message): string | null {
  if (reply === null) return null;
  const code = reply.code ?? '';
  const at = reply.sent === null ? '' : ` at ${clock(reply.sent, now)}`;
  const times = reply.attempts > 1 ? `, at attempt ${reply.attempts}` : '';
  switch (reply.state) {
    case 'owed':
      return 'The application ACK leaves when it is known what becomes of the message';
    case 'ready':
      return reply.cause === null
        ? 'The application ACK waits for its sender to come back'
        : `The application ACK could not be sent${times}: ${reply.cause.text}`;
    case 'sent':
      return `The application ACK ${code} was sent${at}${times}`;
    case 'confirmed':
      return `The application ACK ${code} was sent${at}${times}, and the sender has confirmed it`;
    case 'rejected':
      return `The application ACK ${code} was sent${at}${times}, and the sender has rejected it${reply.cause === null ? '' : `: ${reply.cause.text}`}`;
    case 'not-needed':
      return 'The sender does not want an application ACK of this outcome (MSH-16)';
  }
}

/** What a destination answered: `HTTP 503`, `AE, ERR 101 207`, or none. */
export function answerSentence({ status, ack }: Pick<Delivery['attempts'][number], 'status' | 'ack'>): string {
  if (ack !== null) return ack.errors.length === 0 ? ack.code : `${ack.code}, ERR ${ack.errors.join(' ')}`;
  return status === null ? 'none' : `HTTP ${status}`;
}

function deliveredSentence({ deliveries, now }: Message): string {
  const parts = deliveries.map((delivery) => {
    const last = delivery.attempts.at(-1);
    const tries = delivery.attempts.length > 1 ? `, at attempt ${delivery.attempts.length}` : '';
    return `to ${delivery.destination}${last === undefined ? '' : ` at ${clock(last.at, now)}`}${tries}`;
  });
  return parts.length === 0 ? 'Delivered' : `Delivered ${parts.join(' and ')}`;
}

function waitingSentence({ deliveries, now }: Message): string {
  const held = deliveries.find((delivery) => delivery.state === 'waiting' && delivery.attempts.length > 0);
  const last = held?.attempts.at(-1);
  if (held === undefined || last === undefined)
    return deliveries.length === 0 ? 'Waiting to be mapped' : 'Mapped, and waiting to be delivered';
  const due = held.due === null ? '' : `; the next attempt is due ${until(held.due, now)}`;
  const why = last.error?.text ?? `it answered ${answerSentence(last)}`;
  return `Waiting for ${held.destination} after ${plural(held.attempts.length, 'attempt')}: ${within(why)}${due}`;
}

function causeOfDeliveries(deliveries: readonly Delivery[]): string {
  return deliveries.flatMap(({ destination, cause }) => (cause === null ? [] : `${destination}: ${cause.text}`)).join('; ');
}
