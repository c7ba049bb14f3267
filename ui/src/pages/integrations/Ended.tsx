import { Badge, Button, Card, Group, Text } from '@mantine/core';
import type { Check, Integration } from '../../api/client';
import { Checks } from './Checks';
import classes from './Connection.module.css';
import { ServiceNowMark } from './ServiceNowMark';
import { connectionLook, host } from './states';

/** A connection that was ended: its history stays, and it can be made again. */
export function Ended({
  integration,
  left,
  reconnecting,
  onReconnect,
}: {
  integration: Integration;
  /** What could not be removed, where that is known. */
  left: Check[];
  reconnecting: boolean;
  onReconnect: () => void;
}) {
  const { label, text } = connectionLook(integration);
  return (
    <Card component="section" aria-label={integration.instance_url} data-state="DISCONNECTED" py="md">
      <Group justify="space-between" gap="sm">
        <Group gap="md" wrap="nowrap" style={{ flex: '1 1 260px', minWidth: 0 }}>
          <ServiceNowMark size={36} />
          <div style={{ minWidth: 0 }}>
            <Group gap="xs">
              <Text fw={600} className="break">
                {host(integration.instance_url)}
              </Text>
              <Badge color="gray">{label}</Badge>
              {integration.simulated && <Badge color="petrol">Simulated instance</Badge>}
            </Group>
            <Text size="sm" c="dimmed" className="break">
              {text}
            </Text>
          </div>
        </Group>
        {!reconnecting && (
          <Button variant="default" size="sm" onClick={onReconnect}>
            Connect again
          </Button>
        )}
      </Group>
      {left.length > 0 && (
        <div className={classes.result}>
          <Text size="sm" mb="xs">
            Still in the instance:
          </Text>
          <Checks checks={left} label="Still in the instance" />
        </div>
      )}
    </Card>
  );
}
