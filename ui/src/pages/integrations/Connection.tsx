import { Alert, Anchor, Badge, Button, Card, Group, Text, ThemeIcon, Title } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconCircleCheck,
  IconCircleX,
  IconExternalLink,
  IconX,
} from '@tabler/icons-react';
import type { Check, Integration } from '../../api/client';
import { Copy } from '../../components/Copy';
import { When } from '../../components/When';
import classes from './Connection.module.css';
import { checkColor, states } from './states';

const icons = {
  READY_TO_SYNC: IconCircleCheck,
  FAILED: IconCircleX,
  RECONNECT_REQUIRED: IconAlertTriangle,
};

/** One connection: how it stands, as whom Neo acts there, and what was verified. */
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
  return (
    <Card p={0} component="section" aria-label={integration.instance_url}>
      <Alert
        color={color}
        variant="light"
        radius={0}
        icon={<Icon size={20} />}
        title={title}
        role={ready ? 'status' : 'alert'}
        data-state={state}
        className={classes.banner}
      >
        <Group justify="space-between" gap="sm">
          <div>
            <Group gap="xs">
              <Anchor href={integration.instance_url} target="_blank" rel="noreferrer" fw={550} className="break">
                {integration.instance_url} <IconExternalLink size={13} aria-hidden="true" />
              </Anchor>
              {integration.simulated && <Badge className={classes.simulated}>Simulated instance</Badge>}
            </Group>
            {!ready && (
              <Text size="sm" mt={4}>
                {integration.message || text}
              </Text>
            )}
          </div>
          {!reconnecting && (
            <Button
              variant={ready ? 'default' : 'filled'}
              color={ready ? undefined : color}
              size="sm"
              onClick={onReconnect}
            >
              Reconnect
            </Button>
          )}
        </Group>
      </Alert>

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
            <ul className={classes.checks}>
              {checks.map((check) => (
                <CheckLine key={check.name} check={check} />
              ))}
            </ul>
          )}
        </div>
      </div>
    </Card>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const checkWords: Record<string, string> = { ok: 'Passed', warning: 'Warning', failed: 'Failed' };

function CheckLine({ check }: { check: Check }) {
  const Icon = check.state === 'ok' ? IconCheck : check.state === 'warning' ? IconAlertTriangle : IconX;
  return (
    <li className={classes.check} data-check={check.name} data-check-state={check.state}>
      <ThemeIcon
        size={22}
        radius="xl"
        variant="light"
        color={checkColor(check.state)}
        role="img"
        aria-label={checkWords[check.state] ?? check.state}
      >
        <Icon size={13} stroke={2.4} />
      </ThemeIcon>
      <div style={{ minWidth: 0 }}>
        <Text fw={550}>{check.label}</Text>
        <Text size="sm" c="dimmed" className="break">
          {check.detail}
        </Text>
      </div>
    </li>
  );
}
