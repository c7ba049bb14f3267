import { Alert, Anchor, Badge, Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconExternalLink, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ConnectionStatus, Integration } from '../../api/client';
import classes from './Connection.module.css';
import { connectionLook } from './states';

const icons: Record<ConnectionStatus['state'], ReactNode> = {
  CONNECTING: <Loader size={18} color="currentColor" />,
  WORKING: <IconCircleCheck size={20} />,
  DEGRADED: <IconAlertTriangle size={20} />,
  NOT_ANSWERING: <IconPlugConnectedX size={20} />,
  ACTION_NEEDED: <IconAlertTriangle size={20} />,
  DISCONNECTED: <IconPlugConnectedX size={20} />,
};

/** How a connection stands, and what can be done about it. */
export function Banner({ integration, children }: { integration: Integration; children: ReactNode }) {
  const status = integration.status.state;
  const { title, color, text } = connectionLook(integration);
  const quiet = status === 'WORKING' || status === 'CONNECTING';
  return (
    <Alert
      color={color}
      variant="light"
      radius={0}
      icon={icons[status]}
      title={title}
      role={quiet ? 'status' : 'alert'}
      data-state={integration.state}
      data-status={status}
      className={classes.banner}
    >
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 260px', minWidth: 0 }}>
          <Group gap="xs">
            <Anchor
              href={integration.instance_url}
              target="_blank"
              rel="noreferrer"
              fw={550}
              className={`${classes.address} break`}
            >
              {integration.instance_url} <IconExternalLink size={13} aria-hidden="true" />
            </Anchor>
            {integration.simulated && <Badge className={classes.simulated}>Simulated instance</Badge>}
          </Group>
          {status !== 'WORKING' && text && (
            <Text size="sm" mt={4} className="break">
              {text}
            </Text>
          )}
        </div>
        <Group gap="xs">{children}</Group>
      </Group>
    </Alert>
  );
}
