import { Button, Group, Modal, Text } from '@mantine/core';
import type { Workflow } from '../../api/client';
import { Failure } from '../../components/Failure';
import { useDeleteWorkflow } from './queries';

/** Asks before a workflow is deleted. */
export function DeleteWorkflow({
  workflow,
  opened,
  onClose,
  onDeleted,
}: {
  workflow: Workflow;
  opened: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}) {
  const remove = useDeleteWorkflow(workflow.id);
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete “${workflow.definition.name}”?`} centered>
      <Text size="sm" mb="md">
        It stops acting on tickets at once. What it has done stays in the Event History. This cannot be undone.
      </Text>
      {remove.isError && <Failure title="The workflow was not deleted" error={remove.error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate(undefined, { onSuccess: onDeleted ?? onClose })}
        >
          Delete workflow
        </Button>
      </Group>
    </Modal>
  );
}
