import { Alert, Anchor, Badge, Group, Loader, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconExternalLink,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Integration } from '../../api/client';
import classes from './Connection.module.css';
import { states } from './states';

const icons: Record<Integration['state'], ReactNode> = {
  CONNECTING: <Loader size={18} color="currentColor" />,
  READY_TO_SYNC: <IconCircleCheck size={20} />,
  SETUP_REQUIRED: <IconAlertTriangle size={20} />,
  FAILED: <IconCircleX size={20} />,
  RECONNECT_REQUIRED: <IconAlertTriangle size={20} />,
  DISCONNECTED: <IconPlugConnectedX size={20} />,
};

/** How a connection stands, and what can be done about it. */
export function Banner({ integration, children }: { integration: Integration; children: ReactNode }) {
  const { state } = integration;
  const { title, color, text } = states[state];
  const quiet = state === 'READY_TO_SYNC' || state === 'CONNECTING';
  return (
    <Alert
      color={color}
      variant="light"
      radius={0}
      icon={icons[state]}
      title={title}
      role={quiet ? 'status' : 'alert'}
      data-state={state}
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
          {state !== 'READY_TO_SYNC' && (
            <Text size="sm" mt={4} className="break">
              {integration.message || text}
            </Text>
          )}
        </div>
        <Group gap="xs">{children}</Group>
      </Group>
    </Alert>
  );
}
