import { Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Obstacle, Workflow } from '../../api/client';
import { EnableAnyway, WarningLines } from './Obstacles';
import { useEnableWorkflow } from './queries';

export function EnabledSwitch({ workflow, withLabel }: { workflow: Workflow; withLabel?: boolean }) {
  const [obstacles, setObstacles] = useState<Obstacle[]>([]);
  const { name } = workflow.definition;
  const enable = useEnableWorkflow({
    onRefused: (problem) => {
      if (problem.obstacles.length > 0) {
        setObstacles(problem.obstacles);
        return;
      }
      notifications.show({
        color: 'red',
        title: `“${name}” was not changed`,
        message: workflow.draft
          ? 'It is a draft with problems to solve. Open it in the editor, which lists them.'
          : `${problem.message} The switch is back as it was; flip it to try again.`,
        autoClose: 10_000,
      });
    },
    onDone: (warnings) => {
      setObstacles([]);
      if (warnings.length === 0) return;
      notifications.show({
        color: 'orange',
        title: `“${name}” is enabled, with ${warnings.length === 1 ? 'a warning' : 'warnings'}`,
        message: <WarningLines warnings={warnings} />,
        autoClose: 15_000,
      });
    },
  });
  return (
    <>
      <Switch
        checked={workflow.enabled}
        onChange={(event) => enable.mutate({ workflow, enabled: event.currentTarget.checked })}
        label={withLabel ? (workflow.enabled ? 'Enabled' : 'Disabled') : undefined}
        aria-label={withLabel ? undefined : `Enable ${name}`}
        withThumbIndicator={false}
      />
      {obstacles.length > 0 && (
        <EnableAnyway
          name={name}
          obstacles={obstacles}
          definition={workflow.definition}
          busy={enable.isPending}
          onClose={() => setObstacles([])}
          onAnyway={(reason) => enable.mutate({ workflow, enabled: true, reason })}
          editor={`/workflows/${workflow.id}/edit`}
        />
      )}
    </>
  );
}
