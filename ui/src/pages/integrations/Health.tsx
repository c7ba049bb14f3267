import { Badge, Button, Group, Skeleton, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Health as HealthData, Integration } from '../../api/client';
import { Problem } from '../../api/problem';
import { Failure } from '../../components/Failure';
import { When } from '../../components/When';
import { daysLeft } from '../../words/time';
import { Backfill } from './Backfill';
import { Block } from './Block';
import { Checks } from './Checks';
import card from './Connection.module.css';
import { Deliveries } from './Deliveries';
import classes from './Health.module.css';
import { Network } from './Network';
import { healthQuery, useInspect } from './queries';
import { Sweep } from './Sweep';
import { consentLook, inspectionWords, statuses } from './states';

/** How a connection does: what was found, how changes come, how far the sweep and the backfill are. */
export function Health({ integration }: { integration: Integration }) {
  const health = useQuery(healthQuery(integration.id));
  if (health.isPending) {
    return (
      <div className={card.section} role="status" aria-label="Loading health">
        <Skeleton height={120} radius="md" />
      </div>
    );
  }
  if (!health.data) {
    return (
      <div className={card.section}>
        <Failure
          title="Could not load connection health"
          error={health.error}
          onRetry={() => void health.refetch()}
          retrying={health.isFetching}
        />
      </div>
    );
  }
  const h = health.data;
  return (
    <section className={card.section} aria-label="Health" data-health={h.state}>
      <Head id={integration.id} health={h} />
      <div className={classes.grid}>
        <div className={classes.column}>
          <Block title="Checks">
            {h.checks.length > 0 ? (
              <Checks checks={h.checks} />
            ) : (
              <Text size="sm" c="dimmed">
                Neo has not looked yet. It does so every five minutes.
              </Text>
            )}
          </Block>
          <Backfill id={integration.id} backfill={h.backfill} />
        </div>
        <div className={classes.column}>
          <Deliveries deliveries={h.deliveries} />
          <Sweep sweep={h.sweep} />
          <Consent endsAt={h.consent_ends_at} />
          <Network health={h} />
        </div>
      </div>
    </section>
  );
}

function Head({ id, health }: { id: string; health: HealthData }) {
  const inspect = useInspect(id);
  const { label, color } = statuses[health.status.state];
  return (
    <Group justify="space-between" gap="sm" mb="md">
      <Group gap="xs">
        <Title order={2} size="h3">
          Health
        </Title>
        <Badge color={color}>{label}</Badge>
        {health.checked_at && (
          <Text size="sm" c="dimmed">
            looked at <When at={health.checked_at} />
          </Text>
        )}
      </Group>
      <Group gap={0}>
        <Text size="sm" role="status" className={`${classes.said} break`}>
          {inspect.isPending && 'Looking at the instance…'}
          {inspect.data && !inspect.isPending && inspectionWords(inspect.data.checks)}
        </Text>
        {inspect.isError && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert" className={`${classes.said} break`}>
            {Problem.from(inspect.error).message}
          </Text>
        )}
        <Button
          variant="default"
          size="sm"
          leftSection={<IconRefresh size={15} />}
          loading={inspect.isPending}
          onClick={() => inspect.mutate()}
        >
          Check now
        </Button>
      </Group>
    </Group>
  );
}

function Consent({ endsAt }: { endsAt: string | null }) {
  if (!endsAt) return null;
  const days = daysLeft(endsAt);
  const { color, text } = consentLook(days);
  return (
    <Block title="Consent">
      <Group gap="xs">
        <Text size="sm">
          Holds until{' '}
          <time dateTime={endsAt}>{new Date(endsAt).toLocaleDateString(undefined, { dateStyle: 'medium' })}</time>
        </Text>
        <Badge color={color} size="sm">
          {text}
        </Badge>
      </Group>
      {days <= 14 && (
        <Text size="sm">Click Reconnect and allow Neo again as the service account: that begins another 100 days.</Text>
      )}
    </Block>
  );
}
