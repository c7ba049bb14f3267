import { Anchor, Button, Card, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { NeoAlert } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { workflowsQuery } from '../workflows/queries';
import { AlertCard } from './AlertCard';
import classes from './Alerts.module.css';
import { inOrder } from './order';
import { alertsQuery } from './queries';

/** What is wrong and what was, with what to do about it. */
export default function Alerts() {
  const alerts = useQuery(alertsQuery);
  return (
    <Page
      title="Alerts"
      lead="Problems that need attention, and what to do about each. One condition is one alert, however often it occurs."
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
          title="Could not load the alerts"
          error={alerts.error}
          onRetry={() => void alerts.refetch()}
          retrying={alerts.isFetching}
        />
      )}
    </Page>
  );
}

function List({ alerts }: { alerts: NeoAlert[] }) {
  if (alerts.length === 0) return <NoAlerts />;
  return (
    <ul className={classes.list} aria-label="Alerts">
      {inOrder(alerts).map((alert) => (
        <li key={alert.id}>
          <AlertCard alert={alert} />
        </li>
      ))}
    </ul>
  );
}

/** No alert is there. That nothing needs attention is said only when it is known. */
function NoAlerts() {
  const workflows = useQuery(workflowsQuery);
  if (workflows.isPending) return <Skeleton height={110} radius="lg" role="status" aria-label="Loading" />;
  if (workflows.isError && !workflows.data) {
    return (
      <Failure
        title="There are no alerts, but Neo could not check the workflows"
        error={workflows.error}
        onRetry={() => void workflows.refetch()}
        retrying={workflows.isFetching}
      />
    );
  }
  const failed = (workflows.data ?? []).filter((w) => w.enabled && w.last_run_failed);
  if (failed.length > 0) {
    return (
      <Card>
        <Title order={2} size="h3">
          {failed.length === 1
            ? 'The last run of a workflow failed'
            : `The last runs of ${failed.length} workflows failed`}
        </Title>
        <Text size="sm" mt={4} mb="sm">
          Look at what failed, correct the cause, then retry the run.
        </Text>
        <ul className={classes.failed}>
          {failed.map((w) => (
            <li key={w.id}>
              <Anchor component={Link} href={`/workflows/${w.id}`} className="break">
                {w.definition.name}
              </Anchor>
            </li>
          ))}
        </ul>
        <Button component={Link} href="/events?outcome=FAILURE" variant="default" size="xs" mt="sm">
          Show failed runs
        </Button>
      </Card>
    );
  }
  return (
    <Card p={0}>
      <Empty icon={<IconBellCheck size={26} stroke={1.6} />} title="Nothing needs you">
        When a connection has a problem, a workflow fails or a permission is missing, this page says so, with what to
        do.
      </Empty>
    </Card>
  );
}
