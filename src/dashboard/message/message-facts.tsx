import type { ReactNode } from 'react';
import { bytes } from '../lib/format.ts';
import { Link, overviewAddress } from '../lib/router.tsx';
import { ackSentence } from '../lib/sentence.ts';
import type { Message } from '../lib/types.ts';
import { Time } from '../parts/time.tsx';
import classes from './message-facts.module.css';

export function MessageFacts({ message }: { readonly message: Message }) {
  return (
    <dl className={classes.facts}>
      <Fact name="Received">
        <Time time={message.received} now={message.now} />
      </Fact>
      <Fact name="Channel">
        <Link href={overviewAddress({ channel: message.channel })}>{message.channel}</Link>
      </Fact>
      <Fact name="Sender">{message.sender}</Fact>
      <Fact name="From address">{message.peer}</Fact>
      <Fact name="Size">{bytes(message.size)}</Fact>
      {message.undecodable !== null && (
        <Fact name="Character set">
          Read as {message.charset}; from byte {message.undecodable} on it has bytes that mean nothing there
        </Fact>
      )}
      <Fact name="Mapping">{message.mapping ?? 'none'}</Fact>
      <Fact name="ACK">{ackSentence(message)}</Fact>
      {message.unmerged.map(({ id, by, reason }) => (
        <Fact key={id} name="Taken back">
          by {by}, in <Link href={`/messages/${id}`}>message {id}</Link>: {reason}
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
