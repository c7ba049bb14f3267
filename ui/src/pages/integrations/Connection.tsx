import { Alert, Anchor, Badge, Button, Card, Group, Text, Title } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconExternalLink,
  IconLoader,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { Integration } from '../../api/client';
import { Copy } from '../../components/Copy';
import { When } from '../../components/When';
import { Checks } from './Checks';
import classes from './Connection.module.css';
import { Disconnect } from './Disconnect';
import { Fact } from './Fact';
import { Health } from './Health';
import { SetUpByHand } from './SetUpByHand';
import { states } from './states';

const icons: Record<Integration['state'], typeof IconCircleCheck> = {
  CONNECTING: IconLoader,
  READY_TO_SYNC: IconCircleCheck,
  SETUP_REQUIRED: IconAlertTriangle,
  FAILED: IconCircleX,
  RECONNECT_REQUIRED: IconAlertTriangle,
  DISCONNECTED: IconPlugConnectedX,
};

/** One connection: how it stands, as whom Neo acts there, what was verified, and how it does. */
export function Connection({
  integration,
  reconnecting,
  onReconnect,
}: {
  integration: Integration;
  reconnecting: boolean;
  onReconnect: () => void;
}) {
  const { state, identity, checks } = integration;
  const { title, color, text } = states[state];
  const Icon = icons[state];
  const ready = state === 'READY_TO_SYNC';
  const quiet = ready || state === 'CONNECTING' || state === 'DISCONNECTED';
  const watched = ready || state === 'SETUP_REQUIRED';
  const primary = state === 'FAILED' || state === 'RECONNECT_REQUIRED' || state === 'DISCONNECTED';
  return (
    <Card p={0} component="section" aria-label={integration.instance_url}>
      <Alert
        color={color}
        variant="light"
        radius={0}
        icon={<Icon size={20} />}
        title={title}
        role={quiet ? 'status' : 'alert'}
        data-state={state}
        className={classes.banner}
      >
        <Group justify="space-between" gap="sm">
          <div style={{ flex: '1 1 260px', minWidth: 0 }}>
            <Group gap="xs">
              <Anchor href={integration.instance_url} target="_blank" rel="noreferrer" fw={550} className="break">
                {integration.instance_url} <IconExternalLink size={13} aria-hidden="true" />
              </Anchor>
              {integration.simulated && <Badge className={classes.simulated}>Simulated instance</Badge>}
            </Group>
            {!ready && (
              <Text size="sm" mt={4} className="break">
                {integration.message || text}
              </Text>
            )}
          </div>
          <Group gap="xs">
            {!reconnecting && state !== 'CONNECTING' && (
              <Button
                variant={primary ? 'filled' : 'default'}
                color={primary && state !== 'DISCONNECTED' ? color : undefined}
                size="sm"
                onClick={onReconnect}
              >
                {state === 'DISCONNECTED' ? 'Connect again' : 'Reconnect'}
              </Button>
            )}
            {state !== 'DISCONNECTED' && <Disconnect integration={integration} />}
          </Group>
        </Group>
      </Alert>

      {state === 'SETUP_REQUIRED' && <SetUpByHand integration={integration} open />}

      {state !== 'DISCONNECTED' && (
        <div className={classes.body}>
          <dl className={classes.facts}>
            <Fact label="Neo acts as">
              {identity.remote_id ? (
                <>
                  <Text fw={550}>{identity.name || identity.user_name}</Text>
                  <Text size="sm" c="dimmed">
                    {identity.user_name}
                  </Text>
                  <Group gap={2} wrap="nowrap">
                    <Text size="xs" c="dimmed" className="mono break">
                      {identity.remote_id}
                    </Text>
                    <Copy value={identity.remote_id} label="Copy sys_id" compact />
                  </Group>
                </>
              ) : (
                <Text c="dimmed">Not known yet: it is read after consent.</Text>
              )}
            </Fact>
            <Fact label="State">
              <Text className="mono">{state}</Text>
            </Fact>
            <Fact label="Last consent">
              <Text>{integration.connected_at ? <When at={integration.connected_at} /> : 'never'}</Text>
            </Fact>
            <Fact label="Client ID">
              <Text className="mono break">{integration.client_id}</Text>
            </Fact>
          </dl>
          <div>
            <Title order={2} size="h3" mb="xs">
              What Neo verified
            </Title>
            {checks.length === 0 ? (
              <Text c="dimmed" size="sm">
                Nothing yet. Neo verifies the connection right after consent.
              </Text>
            ) : (
              <Checks checks={checks} />
            )}
          </div>
        </div>
      )}
      {watched && <Health integration={integration} />}
      {ready && <SetUpByHand integration={integration} />}
    </Card>
  );
}
