import { Button, Card, Group, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { Integration } from '../../api/client';
import { Copy } from '../../components/Copy';
import { When } from '../../components/When';
import { Banner } from './Banner';
import { Checks } from './Checks';
import classes from './Connection.module.css';
import { Disconnect } from './Disconnect';
import { Ended } from './Ended';
import { Fact } from './Fact';
import { Health } from './Health';
import { Permissions, ReadOnlyNotice } from './Permissions';
import { useDisconnect } from './queries';
import { byHandId, SetUpByHand } from './SetUpByHand';
import { leftBehind } from './states';

interface Props {
  integration: Integration;
  reconnecting: boolean;
  onReconnect: () => void;
}

/** One connection: how it stands, as whom Neo acts there, what was verified, and how it does. */
export function Connection({ integration, reconnecting, onReconnect }: Props) {
  const disconnect = useDisconnect(integration.id);
  const [asked, { open, close }] = useDisclosure(false);
  const ended = integration.state === 'DISCONNECTED';
  const onClose = () => {
    close();
    if (!disconnect.data) disconnect.reset();
  };
  return (
    <>
      {ended ? (
        <Ended
          integration={integration}
          left={leftBehind(disconnect.data?.checks ?? [])}
          reconnecting={reconnecting}
          onReconnect={() => {
            disconnect.reset();
            onReconnect();
          }}
        />
      ) : (
        <Standing
          integration={integration}
          reconnecting={reconnecting}
          onReconnect={onReconnect}
          onDisconnect={() => {
            disconnect.reset();
            open();
          }}
        />
      )}
      {/* It outlives the connection that it ends: what could not be removed has to be read. */}
      <Disconnect integration={integration} disconnect={disconnect} opened={asked} onClose={onClose} />
    </>
  );
}

/** One connection among several: how it stands, and the way to the rest. */
export function ShortConnection({ integration, reconnecting, onReconnect }: Props) {
  if (integration.state === 'DISCONNECTED') {
    return <Ended integration={integration} left={[]} reconnecting={reconnecting} onReconnect={onReconnect} />;
  }
  const href = `/integrations/servicenow/${integration.id}`;
  return (
    <Card p={0} component="section" aria-label={integration.instance_url} className={classes.short}>
      <Banner integration={integration}>
        {integration.state === 'SETUP_REQUIRED' && (
          <Button size="sm" color="orange" component={Link} href={href}>
            Set up by hand
          </Button>
        )}
        {!reconnecting && <Reconnect integration={integration} onReconnect={onReconnect} />}
        <Button
          size="sm"
          variant="default"
          component={Link}
          href={href}
          rightSection={<IconChevronRight size={15} aria-hidden="true" />}
        >
          Details
        </Button>
      </Banner>
    </Card>
  );
}

function Standing({ integration, reconnecting, onReconnect, onDisconnect }: Props & { onDisconnect: () => void }) {
  const { state } = integration;
  const setUp = state === 'SETUP_REQUIRED';
  const ready = state === 'READY_TO_SYNC';
  const goByHand = () => {
    const section = document.getElementById(byHandId(integration.id));
    section?.scrollIntoView({ block: 'start' });
    section?.focus({ preventScroll: true });
  };
  return (
    <Card p={0} component="section" aria-label={integration.instance_url}>
      <Banner integration={integration}>
        {setUp && (
          <Button size="sm" color="orange" onClick={goByHand}>
            Set up by hand
          </Button>
        )}
        {!reconnecting && <Reconnect integration={integration} onReconnect={onReconnect} />}
      </Banner>
      {setUp && <SetUpByHand integration={integration} open />}
      {(ready || setUp) && <ReadOnlyNotice id={integration.id} />}
      <Verified integration={integration} />
      {(ready || setUp) && <Permissions id={integration.id} />}
      {(ready || setUp) && <Health integration={integration} />}
      {(ready || state === 'FAILED') && <SetUpByHand integration={integration} />}
      <div className={classes.footer}>
        <Text size="sm" c="dimmed">
          Neo is no longer wanted here?
        </Text>
        <Button variant="subtle" color="red" size="sm" onClick={onDisconnect}>
          Disconnect
        </Button>
      </div>
    </Card>
  );
}

/** The next step where the consent does not hold; a quiet way elsewhere. While Neo verifies there is nothing to do. */
function Reconnect({ integration: { state }, onReconnect }: { integration: Integration; onReconnect: () => void }) {
  if (state === 'CONNECTING') return null;
  const next = state === 'FAILED' ? 'red' : state === 'RECONNECT_REQUIRED' ? 'orange' : undefined;
  return (
    <Button variant={next ? 'filled' : 'default'} color={next} size="sm" onClick={onReconnect}>
      Reconnect
    </Button>
  );
}

/** As whom Neo acts, and what it verified after the last consent. */
function Verified({ integration }: { integration: Integration }) {
  const { state, identity, checks } = integration;
  return (
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
        <Fact label="Setup state">
          <Text className="mono">{state}</Text>
        </Fact>
        <Fact label="Last consent">
          <Text>{integration.connected_at ? <When at={integration.connected_at} /> : 'never'}</Text>
        </Fact>
        <Fact label="Client ID">
          <Text className="mono break">{integration.client_id}</Text>
        </Fact>
      </dl>
      <div aria-live={state === 'CONNECTING' ? 'polite' : undefined}>
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
  );
}
