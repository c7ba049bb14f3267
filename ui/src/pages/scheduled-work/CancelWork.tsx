import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ScheduledWork } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { moment } from '../../words/time';
import { useCancelWork } from './queries';

/** Takes back work that has not begun. */
export function CancelWork({ work }: { work: ScheduledWork }) {
  const [opened, { open, close }] = useDisclosure(false);
  const cancel = useCancelWork(work.id);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          cancel.reset();
          open();
        }}
        aria-label={`Cancel the work on ${work.number}`}
      >
        Cancel
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title="Cancel this work?"
        action="Cancel the work"
        keep="Keep it"
        busy={cancel.isPending}
        failed="The work was not cancelled"
        error={cancel.error}
        onConfirm={() => cancel.mutate(undefined, { onSuccess: close })}
      >
        “{work.workflow_name}” will not be carried out on {work.number} ({moment(work.at)}).
      </Confirm>
    </>
  );
}
