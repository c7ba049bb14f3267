import { Badge, Button, Card, Group, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { NeoAlert } from '../../api/client';
import { Problem } from '../../api/problem';
import { When } from '../../components/When';
import { permissionPath } from '../integrations/permissions';
import { integrationsQuery } from '../integrations/queries';
import { host } from '../integrations/states';
import classes from './Alerts.module.css';
import { isOpen } from './order';
import { useReadAlert } from './queries';

const levels = {
  problem: { label: 'Problem', color: 'red' },
  warning: { label: 'Warning', color: 'orange' },
  resolved: { label: 'Resolved', color: 'gray' },
};

/** One condition: what is wrong, since when, and what to do. */
export function AlertCard({ alert }: { alert: NeoAlert }) {
  const open = isOpen(alert);
  const { label, color } = levels[open ? alert.level : 'resolved'];
  return (
    <Card
      component="article"
      aria-label={alert.title}
      data-alert={open ? alert.level : 'resolved'}
      data-unread={(open && !alert.read) || undefined}
      className={classes.card}
    >
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ flex: '1 1 320px', minWidth: 0 }}>
          <Group gap="xs">
            <Badge color={color}>{label}</Badge>
            {open && !alert.read && (
              <Badge color="petrol" size="sm">
                New
              </Badge>
            )}
            <Times alert={alert} />
          </Group>
          <Title order={2} size="h3" mt={8} className="break">
            {alert.title}
          </Title>
          <Text size="sm" mt={4} maw={760} className="break" c={open ? undefined : 'dimmed'}>
            {alert.message}
          </Text>
        </div>
        <Group gap="xs">
          {open && !alert.read && <MarkAsRead id={alert.id} />}
          {alert.run_id && (
            <Button component={Link} href={`/runs/${alert.run_id}`} variant="default" size="xs">
              Open the run
            </Button>
          )}
          {alert.permission_group && alert.integration_id && (
            <Button
              component={Link}
              href={permissionPath(alert.integration_id, alert.permission_group)}
              variant="default"
              size="xs"
            >
              Change the permission
            </Button>
          )}
          {alert.workflow_id && !alert.permission_group && (
            <Button component={Link} href={`/workflows/${alert.workflow_id}`} variant="default" size="xs">
              Open the workflow
            </Button>
          )}
          {alert.integration_id && !alert.workflow_id && <OpenConnection id={alert.integration_id} />}
        </Group>
      </Group>
    </Card>
  );
}

function Times({ alert }: { alert: NeoAlert }) {
  return (
    <Text size="sm" c="dimmed">
      since <When at={alert.first_at} />
      {alert.occurrences > 1 && (
        <>
          , {alert.occurrences} times, last <When at={alert.last_at} />
        </>
      )}
      {alert.resolved_at && (
        <>
          , resolved <When at={alert.resolved_at} />
        </>
      )}
    </Text>
  );
}

function MarkAsRead({ id }: { id: string }) {
  const read = useReadAlert(id);
  const onClick = () =>
    read.mutate(undefined, {
      onError: (error) =>
        notifications.show({ color: 'red', title: 'Not marked', message: Problem.from(error).message }),
    });
  return (
    <Button variant="default" size="xs" loading={read.isPending} onClick={onClick}>
      Mark as read
    </Button>
  );
}

function OpenConnection({ id }: { id: string }) {
  const integrations = useQuery(integrationsQuery);
  const integration = integrations.data?.find((i) => i.id === id);
  return (
    <Button
      component={Link}
      href={`/integrations/servicenow/${id}`}
      variant="default"
      size="xs"
      aria-label={integration && `Open connection ${host(integration.instance_url)}`}
    >
      {integration ? host(integration.instance_url) : 'Open connection'}
    </Button>
  );
}
