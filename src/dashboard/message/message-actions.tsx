import { Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { park, replay } from '../lib/api.ts';
import type { Message } from '../lib/types.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';

/** Replay, or park what waits: the one that the message's state allows. */
export function MessageActions({ message }: { readonly message: Message }) {
  const client = useQueryClient();
  const { id, state } = message;
  const after = (work: Promise<unknown>) => work.finally(() => client.invalidateQueries());
  return (
    <Group ml="auto" gap="sm">
      {state === 'waiting' ? (
        <ConfirmButton
          label="Park"
          question="The message leaves its lane and is not delivered until it is replayed. Messages behind it go on, unless the channel holds them."
          act={() => after(park(id))}
          button={{ variant: 'default' }}
        />
      ) : (
        <ConfirmButton
          label="Replay"
          question="The message is mapped with today's mapping and delivered again, behind what waits for the same patient now. What was delivered before has no second effect."
          act={() => after(replay(id))}
          button={{ variant: state === 'parked' ? 'filled' : 'default' }}
        />
      )}
    </Group>
  );
}
