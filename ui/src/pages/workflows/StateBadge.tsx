import { Badge } from '@mantine/core';
import { IconGhost2, IconPencil, IconPlayerPause } from '@tabler/icons-react';
import type { Workflow } from '../../api/client';

/** Whether a workflow acts on tickets, and if not, why. */
export function StateBadge({ workflow }: { workflow: Workflow }) {
  if (workflow.paused) {
    return (
      <Badge color="orange" size="sm" leftSection={<IconPlayerPause size={11} />}>
        Paused by Neo
      </Badge>
    );
  }
  if (workflow.draft) {
    return (
      <Badge
        color="yellow"
        size="sm"
        leftSection={<IconPencil size={11} />}
        title="It has problems to solve before it can be enabled"
      >
        Draft
      </Badge>
    );
  }
  if (!workflow.enabled) {
    return (
      <Badge color="gray" size="sm">
        Off
      </Badge>
    );
  }
  if (workflow.definition.shadow) {
    return (
      <Badge color="blue" size="sm" leftSection={<IconGhost2 size={11} />}>
        Shadow
      </Badge>
    );
  }
  return (
    <Badge color="green" size="sm">
      Enabled
    </Badge>
  );
}
