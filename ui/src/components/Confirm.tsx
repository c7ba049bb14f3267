import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failure } from './Failure';

/** Asks before something is done that cannot simply be taken back, and stays open when it fails. */
export function Confirm({
  opened,
  onClose,
  title,
  action,
  keep = 'Cancel',
  color = 'red',
  busy,
  failed,
  error,
  onConfirm,
  children,
}: {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What the button does. */
  action: string;
  /** The other button. */
  keep?: string;
  color?: string;
  busy: boolean;
  /** The failure's title. */
  failed: string;
  error: unknown;
  onConfirm: () => void;
  children: ReactNode;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <div style={{ fontSize: 'var(--mantine-font-size-sm)', marginBottom: 16 }}>{children}</div>
      {Boolean(error) && <Failure title={failed} error={error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          {keep}
        </Button>
        <Button color={color} loading={busy} onClick={onConfirm}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
