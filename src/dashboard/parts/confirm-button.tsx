import { Button, type ButtonProps, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { Problem } from './problem.tsx';

interface ConfirmButtonProps {
  readonly label: string;
  /** What will happen, in a sentence or two. */
  readonly question: string;
  readonly act: () => Promise<unknown>;
  readonly button?: ButtonProps;
}

/** A button that asks before it acts, waits for the answer, and says what went wrong. */
export function ConfirmButton({ label, question, act, button }: ConfirmButtonProps) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const close = () => {
    setOpen(false);
    setError(null);
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    }
    setBusy(false);
  };
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal
        opened={open}
        onClose={close}
        title={label}
        centered
        lockScroll={false}
        styles={{ title: { fontWeight: 650 } }}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Text>{question}</Text>
        <Problem error={error} />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button onClick={confirm} loading={busy}>
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
