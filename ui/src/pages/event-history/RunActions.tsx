import { Button, List, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { Run } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { fieldName, shown } from '../../words/ticket';
import { useRunAction } from './queries';
import { changedByRun } from './run';

/** What can be done about a run, each after it was asked for once more. */
export function RunActions({ run }: { run: Run }) {
  return (
    <>
      {run.can_retry && <Retry run={run} />}
      {run.can_cancel && <Cancel run={run} />}
      {run.can_undo && <Undo run={run} />}
    </>
  );
}

function Retry({ run }: { run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  const retry = useRunAction(run.id, 'retry');
  const done = run.steps.filter((s) => s.state === 'DONE' || s.state === 'SKIPPED').length;
  return (
    <>
      <Button
        size="sm"
        leftSection={<IconRefresh size={15} />}
        onClick={() => {
          retry.reset();
          open();
        }}
      >
        Retry
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title="Retry this run?"
        action="Retry the run"
        color="petrol"
        busy={retry.isPending}
        failed="The run was not started again"
        error={retry.error}
        onConfirm={() => retry.mutate(undefined, { onSuccess: close })}
      >
        {done === 0
          ? 'It begins again with its first step.'
          : done === 1
            ? 'It goes on with the step that failed. The step that is done is not done again.'
            : `It goes on with the step that failed. The ${done} steps that are done are not done again.`}
      </Confirm>
    </>
  );
}

function Cancel({ run }: { run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  const cancel = useRunAction(run.id, 'cancel');
  return (
    <>
      <Button
        variant="default"
        size="sm"
        leftSection={<IconPlayerStop size={15} />}
        onClick={() => {
          cancel.reset();
          open();
        }}
      >
        Cancel
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title="Cancel this run?"
        action="Cancel the run"
        keep="Let it go on"
        busy={cancel.isPending}
        failed="The run was not cancelled"
        error={cancel.error}
        onConfirm={() => cancel.mutate(undefined, { onSuccess: close })}
      >
        It stops before its next step. What it has done already stays; afterwards it can be undone.
      </Confirm>
    </>
  );
}

function Undo({ run }: { run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [, navigate] = useLocation();
  const undo = useRunAction(run.id, 'undo');
  const fields = changedByRun(run);
  const onConfirm = () =>
    undo.mutate(undefined, {
      onSuccess: (made) => {
        close();
        notifications.show({ color: 'blue', title: 'Undo started', message: 'This page shows what comes of it.' });
        navigate(`/runs/${made.id}`);
      },
    });
  return (
    <>
      <Button
        variant="default"
        size="sm"
        leftSection={<IconArrowBackUp size={15} />}
        onClick={() => {
          undo.reset();
          open();
        }}
      >
        Undo
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title={`Undo this run on ${run.number}?`}
        action="Undo the run"
        busy={undo.isPending}
        failed="The run was not undone"
        error={undo.error}
        onConfirm={onConfirm}
      >
        {fields.length > 0 && (
          <>
            <Text size="sm">Neo restores what the run changed, where nobody has changed it since:</Text>
            <List size="sm" spacing={2} my={8}>
              {fields.map(({ field, before }) => (
                <List.Item key={field} className="break">
                  {fieldName(field)} back to {shown(before) ? `“${shown(before)}”` : 'empty'}
                </List.Item>
              ))}
            </List>
          </>
        )}
        <Text size="sm" c="dimmed">
          Notes, e-mails, messages and created tickets stay.
        </Text>
      </Confirm>
    </>
  );
}
