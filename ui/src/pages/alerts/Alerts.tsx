import { Badge, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBellCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, data, type NeoAlert } from '../../api/client';
import { Problem } from '../../api/problem';
import { keys } from '../../api/queries';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { When } from '../../components/When';
import { alertsQuery } from './queries';

/** What is wrong and what was, with what to do about it. */
export default function Alerts() {
  const alerts = useQuery(alertsQuery);
  return (
    <Page
      title="Alerts"
      lead="What needs somebody, and what to do about it. One condition is one alert, however often it is seen."
    >
      {alerts.isPending ? (
        <Stack role="status" aria-label="Loading">
          <Skeleton height={110} radius="lg" />
          <Skeleton height={110} radius="lg" />
        </Stack>
      ) : alerts.data ? (
        <List alerts={alerts.data} />
      ) : (
        <Failure
          title="The alerts could not be loaded"
          error={alerts.error}
          onRetry={() => void alerts.refetch()}
          retrying={alerts.isFetching}
        />
      )}
    </Page>
  );
}

function List({ alerts }: { alerts: NeoAlert[] }) {
  if (alerts.length === 0) {
    return (
      <Card p={0}>
        <Empty icon={<IconBellCheck size={26} stroke={1.6} />} title="Nothing needs you">
          When a connection has a problem, it is told here, with what to do.
        </Empty>
      </Card>
    );
  }
  return (
    <Stack gap="sm">
      {alerts.map((alert) => (
        <AlertCard key={alert.id} alert={alert} />
      ))}
    </Stack>
  );
}

function AlertCard({ alert }: { alert: NeoAlert }) {
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: () => data(api.POST('/api/v1/alerts/{id}/read', { params: { path: { id: alert.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.alerts }),
    onError: (error) => notifications.show({ color: 'red', title: 'Not marked', message: Problem.from(error).message }),
  });
  const open = !alert.resolved_at;
  return (
    <Card component="article" aria-label={alert.title} data-alert={open ? alert.level : 'resolved'}>
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ flex: '1 1 260px', minWidth: 0 }}>
          <Group gap="xs">
            <Badge color={open ? (alert.level === 'problem' ? 'red' : 'orange') : 'gray'}>
              {open ? (alert.level === 'problem' ? 'Problem' : 'Warning') : 'Resolved'}
            </Badge>
            <Text size="sm" c="dimmed">
              since <When at={alert.first_at} />
              {alert.occurrences > 1 && `, ${alert.occurrences} times`}
              {alert.resolved_at && (
                <>
                  , resolved <When at={alert.resolved_at} />
                </>
              )}
            </Text>
          </Group>
          <Title order={2} size="h3" mt={6} className="break">
            {alert.title}
          </Title>
          <Text size="sm" mt={4} className="break" c={open ? undefined : 'dimmed'}>
            {alert.message}
          </Text>
        </div>
        <Group gap="xs">
          {alert.integration_id && (
            <Button
              component={Link}
              href={`/integrations/servicenow/${alert.integration_id}`}
              variant="default"
              size="sm"
            >
              Open connection
            </Button>
          )}
          {open && !alert.read && (
            <Button variant="subtle" color="gray" size="sm" loading={read.isPending} onClick={() => read.mutate()}>
              Mark as read
            </Button>
          )}
        </Group>
      </Group>
    </Card>
  );
}
