import { Button, Card, Skeleton, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Integration } from '../../api/client';
import { keys } from '../../api/queries';
import { Failure } from '../../components/Failure';
import { NotFoundPanel } from '../../components/NotFoundPanel';
import { Page } from '../../components/Page';
import { Connection, ShortConnection } from './Connection';
import { ConnectPanel } from './ConnectPanel';
import { connectFormQuery, integrationsQuery } from './queries';
import { useConnectFlow } from './useConnectFlow';

/** Which connection the form is for: a new one, or one that is there and needs consent again. */
type Target = { reconnect: Integration } | 'new';

const back = { href: '/integrations', label: 'Integrations' };
const backToAll = { href: '/integrations/servicenow', label: 'All ServiceNow connections' };

/** Connecting ServiceNow, and how its connections stand. */
export default function ServiceNow({ id }: { id?: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const integrations = useQuery({
    ...integrationsQuery,
    // Neo is verifying one: it will not be long.
    refetchInterval: ({ state }) => (state.data?.some((i) => i.state === 'CONNECTING') ? 2_000 : false),
  });
  const form = useQuery(connectFormQuery);
  const [state, flow] = useConnectFlow();
  const [target, setTarget] = useState<Target | null>(null);

  // Whatever a try has come to, the list of connections may have changed with it.
  useEffect(() => {
    if (state.step !== 'succeeded' && state.step !== 'failed') return;
    const refreshed = client.invalidateQueries({ queryKey: keys.integrations });
    if (state.step === 'failed') return;
    void refreshed.then(() => {
      flow.cancel();
      setTarget(null);
      const several = (client.getQueryData<Integration[]>(keys.integrations)?.length ?? 0) > 1;
      if (several && id !== state.integrationId) {
        navigate(`/integrations/servicenow/${state.integrationId}`, { replace: true });
      }
    });
  }, [state, client, flow, id, navigate]);

  if (integrations.isPending || form.isPending) {
    return (
      <Page title="ServiceNow" back={back}>
        <Stack role="status" aria-label="Loading">
          <Skeleton height={64} radius="lg" />
          <Skeleton height={320} radius="lg" />
        </Stack>
      </Page>
    );
  }
  const failed = [integrations, form].find((query) => query.isError && !query.data);
  if (failed || !integrations.data || !form.data) {
    const retry = () => {
      void integrations.refetch();
      void form.refetch();
    };
    return (
      <Page title="ServiceNow" back={back}>
        <Failure
          title="The connection could not be loaded"
          error={failed?.error}
          onRetry={retry}
          retrying={integrations.isFetching || form.isFetching}
        />
      </Page>
    );
  }

  const all = integrations.data.filter((i) => i.kind === 'servicenow');
  // The one that is being made shows as the checklist of the form until that is done.
  const making = state.step === 'waiting' && target === 'new' ? state.integrationId : '';
  const listed = inOrder(id ? all.filter((i) => i.id === id) : all.filter((i) => i.id !== making));
  if (id && listed.length === 0 && !integrations.isFetching) {
    return (
      <Page title="ServiceNow" back={back}>
        <NotFoundPanel
          title="There is no such connection"
          text="It may have been removed. See what is connected, or connect it again."
          href="/integrations?tab=connected"
          label="Show what is connected"
        />
      </Page>
    );
  }

  // A try that failed after consent leaves a connection behind: going on means to reconnect that one.
  const left = state.step === 'failed' ? all.find((i) => i.id === state.integrationId) : undefined;
  const shown: Target | null = target ?? (all.length === 0 ? 'new' : null);
  const reconnect = shown && shown !== 'new' ? shown.reconnect : left;
  const close = () => {
    flow.cancel();
    setTarget(null);
  };

  const Shown = listed.filter((i) => i.state !== 'DISCONNECTED').length > 1 ? ShortConnection : Connection;
  const several = id !== undefined && all.length > 1;
  return (
    <Page
      title="ServiceNow"
      back={several ? backToAll : back}
      lead={
        all.length === 0
          ? 'Three steps: register Neo in your instance, enter what it gives you, and approve.'
          : 'Every change of a ticket there reaches Neo as an event.'
      }
      actions={
        !id &&
        all.length > 0 &&
        !shown && (
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setTarget('new')}>
            Connect another instance
          </Button>
        )
      }
    >
      {listed.map((i) => (
        <Shown
          key={i.id}
          integration={i}
          reconnecting={reconnect?.id === i.id && shown !== null}
          onReconnect={() => setTarget({ reconnect: i })}
        />
      ))}
      {shown && (
        <Card p={0}>
          <ConnectPanel
            key={shown === 'new' ? 'new' : shown.reconnect.id}
            form={form.data}
            reconnect={reconnect}
            state={state}
            flow={flow}
            onClose={all.length > 0 ? close : undefined}
            onStart={() => setTarget(shown)}
          />
        </Card>
      )}
    </Page>
  );
}

/** Those that were ended come last. */
function inOrder(integrations: Integration[]): Integration[] {
  const ended = (i: Integration) => Number(i.state === 'DISCONNECTED');
  return integrations.toSorted((a, b) => ended(a) - ended(b));
}
