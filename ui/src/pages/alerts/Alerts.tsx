import { Card, Skeleton, Stack } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { NeoAlert } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
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
    <ul className={classes.list} aria-label="Alerts">
      {inOrder(alerts).map((alert) => (
        <li key={alert.id}>
          <AlertCard alert={alert} />
        </li>
      ))}
    </ul>
  );
}
