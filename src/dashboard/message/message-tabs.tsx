import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { fieldsQuery } from '../lib/api.ts';
import { go, useHash } from '../lib/router.tsx';
import type { Message } from '../lib/types.ts';
import { Ack } from './ack.tsx';
import { Attempts } from './attempts.tsx';
import { Bundles } from './bundles.tsx';
import { FieldsTable } from './fields-table.tsx';
import { Findings } from './findings.tsx';
import classes from './message-tabs.module.css';
import { RawText } from './raw-text.tsx';
import { Segments } from './segments.tsx';
import { SentMessages } from './sent-messages.tsx';

/** The views of one message. Which one is open stands behind the # of the address. */
export function MessageTabs({ message }: { readonly message: Message }) {
  const { data: explained } = useQuery(fieldsQuery(message.id));
  const fields = explained?.fields ?? null;
  const sent = message.deliveries.filter((delivery) => delivery.content === 'message');
  const attempts = message.deliveries.reduce((sum, delivery) => sum + delivery.attempts.length, 0);
  const tabs = [
    { name: 'segments', title: 'Segments', view: <Segments message={message} /> },
    { name: 'bundle', title: 'Bundle', view: <Bundles message={message} /> },
    ...(sent.length === 0
      ? []
      : [{ name: 'sent', title: 'Sent', view: <SentMessages sent={sent} edits={explained?.edits ?? []} /> }]),
    ...(fields === null ? [] : [{ name: 'fields', title: 'Fields', view: <FieldsTable fields={fields} /> }]),
    ...(message.findings.length === 0
      ? []
      : [{ name: 'findings', title: `Findings (${message.findings.length})`, view: <Findings findings={message.findings} /> }]),
    { name: 'attempts', title: `Attempts${attempts === 0 ? '' : ` (${attempts})`}`, view: <Attempts message={message} /> },
    { name: 'ack', title: 'ACK', view: <Ack message={message} /> },
    { name: 'raw', title: 'Raw text', view: <RawText text={message.raw} label="The message as received" /> },
  ];
  const chosen = useHash();
  const open = tabs.some(({ name }) => name === chosen) ? chosen : 'segments';
  return (
    <Tabs value={open} onChange={(name) => go(`#${name}`, { replace: true })} keepMounted={false} className={classes.tabs}>
      <Tabs.List className={classes.list} aria-label="Views of the message">
        {tabs.map(({ name, title }) => (
          <Tabs.Tab key={name} value={name}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ name, view }) => (
        <Tabs.Panel key={name} value={name}>
          {view}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
