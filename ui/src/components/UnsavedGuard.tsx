import { Button, Group, Modal, Text } from '@mantine/core';
import { useCallback, useState } from 'react';
import { dropLeaveGuard, useLeaveGuard } from '../app/leave';

/** While `active`, asks before the page is left. */
export function UnsavedGuard({ active, what }: { active: boolean; what: string }) {
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const onLeave = useCallback((proceed: () => void) => setLeaving(() => proceed), []);
  useLeaveGuard(active, onLeave);
  const leave = () => {
    setLeaving(null);
    dropLeaveGuard();
    leaving?.();
  };
  return (
    <Modal opened={leaving !== null} onClose={() => setLeaving(null)} title="Leave without saving?" centered>
      <Text size="sm" mb="lg">
        {what}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => setLeaving(null)} data-autofocus>
          Stay
        </Button>
        <Button color="red" onClick={leave}>
          Leave
        </Button>
      </Group>
    </Modal>
  );
}
