import { Button, Group, List, Modal, Text } from '@mantine/core';
import type { Check, Integration } from '../../api/client';
import { Problem } from '../../api/problem';
import { Checks } from './Checks';
import type { useDisconnect } from './queries';
import { host, leftBehind } from './states';

/** Asks before a connection is ended, and says afterwards what was removed and what could not be. */
export function Disconnect({
  integration,
  disconnect,
  opened,
  onClose,
}: {
  integration: Integration;
  disconnect: ReturnType<typeof useDisconnect>;
  opened: boolean;
  onClose: () => void;
}) {
  const result = disconnect.data;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        result ? `${host(integration.instance_url)} is disconnected` : `Disconnect ${host(integration.instance_url)}?`
      }
      centered
    >
      {result ? (
        <Result checks={result.checks} onClose={onClose} />
      ) : (
        <>
          <List size="sm" spacing={6}>
            <List.Item>The Business Rule and the System Property are removed from the instance.</List.Item>
            <List.Item>The consent is revoked, and the secrets are forgotten.</List.Item>
            <List.Item>Workflows no longer run there. The history stays.</List.Item>
          </List>
          {disconnect.isError && (
            <Text size="sm" c="var(--mantine-color-error)" mt="sm" role="alert" className="break">
              {Problem.from(disconnect.error).message}
            </Text>
          )}
          <Group justify="flex-end" mt="lg" gap="xs">
            <Button variant="default" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button color="red" loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
              Disconnect
            </Button>
          </Group>
        </>
      )}
    </Modal>
  );
}

function Result({ checks, onClose }: { checks: Check[]; onClose: () => void }) {
  const left = leftBehind(checks);
  return (
    <>
      <Text size="sm" mb="sm" role="status">
        {left.length === 0
          ? 'Nothing of Neo is left in the instance, and Neo has forgotten its secrets.'
          : 'Neo has forgotten its secrets. Not everything could be removed from the instance:'}
      </Text>
      <Checks checks={checks} label="What was removed" />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>Close</Button>
      </Group>
    </>
  );
}
