import { ActionIcon, Badge, Button, Group, NumberInput, Progress, Skeleton, Text, Title, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type Health as HealthData, type Integration } from '../../api/client';
import { Problem } from '../../api/problem';
import { keys } from '../../api/queries';
import { Copy } from '../../components/Copy';
import { Failure } from '../../components/Failure';
import { When } from '../../components/When';
import { duration } from '../../words/time';
import { Checks } from './Checks';
import classes from './Connection.module.css';
import { Fact } from './Fact';
import { healthQuery } from './queries';

const looks = {
  ok: { label: 'Healthy', color: 'green' },
  warning: { label: 'Needs attention', color: 'orange' },
  failed: { label: 'Not working', color: 'red' },
};

/** How a connection does: what was found, how changes come, how far the sweep and the backfill are. */
export function Health({ integration }: { integration: Integration }) {
  const client = useQueryClient();
  const health = useQuery(healthQuery(integration.id));
  const inspect = useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/inspect', { params: { path: { id: integration.id } } })),
    onSuccess: (fresh) => {
      client.setQueryData(keys.health(integration.id), fresh);
      void client.invalidateQueries({ queryKey: keys.integrations });
      notifications.show({
        color: looks[fresh.state].color,
        message: `Checked: ${looks[fresh.state].label.toLowerCase()}.`,
      });
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'Not checked', message: Problem.from(error).message }),
  });
  if (health.isPending) {
    return (
      <div className={classes.section} role="status" aria-label="Loading health">
        <Skeleton height={120} radius="md" />
      </div>
    );
  }
  if (!health.data) {
    return (
      <div className={classes.section}>
        <Failure
          title="How the connection does could not be loaded"
          error={health.error}
          onRetry={() => void health.refetch()}
          retrying={health.isFetching}
        />
      </div>
    );
  }
  const h = health.data;
  return (
    <section className={classes.section} aria-label="Health" data-health={h.state}>
      <Group justify="space-between" gap="sm" mb="md">
        <Group gap="xs">
          <Title order={2} size="h3">
            Health
          </Title>
          <Badge color={looks[h.state].color}>{looks[h.state].label}</Badge>
          {h.checked_at && (
            <Text size="sm" c="dimmed">
              looked at <When at={h.checked_at} />
            </Text>
          )}
        </Group>
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
      <div className={classes.grid}>
        <Checks checks={h.checks} />
        <dl className={classes.facts}>
          <Arrivals deliveries={h.deliveries} />
          <Fact label="Sweep">
            <Text size="sm">
              {h.sweep.at ? (
                <>
                  Last <When at={h.sweep.at} />; found {h.sweep.found} in all
                </>
              ) : (
                'The first one is about to begin'
              )}
            </Text>
          </Fact>
          <Fact label="Consent holds until">
            <Text size="sm">
              {h.consent_ends_at
                ? new Date(h.consent_ends_at).toLocaleDateString(undefined, { dateStyle: 'long' })
                : 'not known'}
            </Text>
          </Fact>
          <Fact label="Callback address">
            <Group gap={2} wrap="nowrap">
              <Text size="sm" className="mono break">
                {h.callback_url}
              </Text>
              <Copy value={h.callback_url} label="Copy callback address" compact />
            </Group>
          </Fact>
          <Fact label="Addresses to allow in ServiceNow">
            {h.outgoing_addresses.length > 0 ? (
              h.outgoing_addresses.map((address) => (
                <Group gap={2} wrap="nowrap" key={address}>
                  <Text size="sm" className="mono break">
                    {address}
                  </Text>
                  <Copy value={address} label={`Copy ${address}`} compact />
                </Group>
              ))
            ) : (
              <Text size="sm" c="dimmed">
                Whoever runs this Neo states them with NEO_OUTGOING_ADDRESSES.
              </Text>
            )}
          </Fact>
          <Backfill integration={integration} backfill={h.backfill} />
        </dl>
      </div>
    </section>
  );
}

function Arrivals({ deliveries }: { deliveries: HealthData['deliveries'] }) {
  const share = deliveries.share == null ? null : Math.round(deliveries.share * 100);
  return (
    <Fact label="Delivered in the last hour">
      {share === null ? (
        <Text size="sm">No ticket has changed</Text>
      ) : (
        <>
          <Progress
            value={share}
            color={share >= 90 ? 'green' : 'orange'}
            aria-label="Share of changes that were delivered"
          />
          <Text size="sm" mt={4}>
            {share} % of {deliveries.webhook + deliveries.sweep} changes
          </Text>
        </>
      )}
      <Text size="sm" c="dimmed">
        {deliveries.last_at ? (
          <>
            Last delivery <When at={deliveries.last_at} />
          </>
        ) : (
          'Nothing was ever delivered'
        )}
        {deliveries.refused > 0 && `; ${deliveries.refused} refused`}
      </Text>
    </Fact>
  );
}

function Backfill({ integration, backfill }: { integration: Integration; backfill: HealthData['backfill'] }) {
  const client = useQueryClient();
  const [days, setDays] = useState<string | number>(backfill.days || 90);
  const control = useMutation({
    mutationFn: (body: { action: 'start' | 'pause' | 'resume'; days?: number }) =>
      data(api.POST('/api/v1/integrations/{id}/backfill', { params: { path: { id: integration.id } }, body })),
    onSuccess: (fresh) => client.setQueryData(keys.health(integration.id), fresh),
    onError: (error) => notifications.show({ color: 'red', title: 'Not done', message: Problem.from(error).message }),
  });
  const { state, done, total } = backfill;
  const under = state === 'RUNNING' || state === 'PAUSED';
  return (
    <Fact label="Older tickets">
      {under && (
        <>
          <Group gap="xs" wrap="nowrap">
            <Progress
              value={total > 0 ? (100 * done) / total : 0}
              animated={state === 'RUNNING'}
              style={{ flex: 1 }}
              aria-label="Older tickets read"
            />
            <Tooltip label={state === 'RUNNING' ? 'Pause' : 'Resume'}>
              <ActionIcon
                variant="default"
                aria-label={state === 'RUNNING' ? 'Pause reading older tickets' : 'Resume reading older tickets'}
                onClick={() => control.mutate({ action: state === 'RUNNING' ? 'pause' : 'resume' })}
              >
                {state === 'RUNNING' ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
              </ActionIcon>
            </Tooltip>
          </Group>
          <Text size="sm" mt={4}>
            {done} of {total}
            {state === 'PAUSED' && '; paused'}
            {state === 'RUNNING' && backfill.per_second > 0 && `; ${Math.round(backfill.per_second)} a second`}
            {backfill.seconds_left != null && `, ${duration(backfill.seconds_left * 1000)} left`}
          </Text>
          {backfill.error && (
            <Text size="sm" c="dimmed" className="break">
              {backfill.error}
            </Text>
          )}
        </>
      )}
      {!under && (
        <>
          <Text size="sm">
            {state === 'DONE' ? `${done} tickets of the last ${backfill.days} days were read` : 'None were read'}
          </Text>
          <Group gap="xs" mt={6} align="flex-end">
            <NumberInput label="Days back" size="xs" w={90} min={1} max={3650} value={days} onChange={setDays} />
            <Button
              size="xs"
              variant="default"
              loading={control.isPending}
              onClick={() => control.mutate({ action: 'start', days: Number(days) })}
            >
              {state === 'DONE' ? 'Read again' : 'Read'}
            </Button>
          </Group>
        </>
      )}
    </Fact>
  );
}
