import { Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Workflow } from '../../api/client';
import { useEnableWorkflow } from './queries';

export function EnabledSwitch({ workflow, withLabel }: { workflow: Workflow; withLabel?: boolean }) {
  const enable = useEnableWorkflow((problem, w) =>
    notifications.show({
      color: 'red',
      title: `“${w.definition.name}” was not changed`,
      message: `${problem.message} The switch is back as it was; flip it to try again.`,
      autoClose: 10_000,
    }),
  );
  return (
    <Switch
      checked={workflow.enabled}
      onChange={(event) => enable.mutate({ workflow, enabled: event.currentTarget.checked })}
      label={withLabel ? (workflow.enabled ? 'Enabled' : 'Disabled') : undefined}
      aria-label={withLabel ? undefined : `Enable ${workflow.definition.name}`}
      withThumbIndicator={false}
    />
  );
}
