import { Button, Group, List, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, type Integration } from '../../api/client';
import { Problem } from '../../api/problem';
import { keys } from '../../api/queries';
import { Checks } from './Checks';
import { host } from './states';

/** Ends a connection, after asking, and says what could not be removed. */
export function Disconnect({ integration }: { integration: Integration }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const disconnect = useMutation({
    mutationFn: () =>
      data(api.POST('/api/v1/integrations/{id}/disconnect', { params: { path: { id: integration.id } } })),
  });
  // The list is fetched again when the result was read: the button goes with it.
  const done = () => {
    close();
    if (disconnect.data) void client.invalidateQueries({ queryKey: keys.integrations });
    disconnect.reset();
  };
  return (
    <>
      <Button variant="subtle" color="gray" size="sm" onClick={open}>
        Disconnect
      </Button>
      <Modal opened={opened} onClose={done} title={`Disconnect ${host(integration.instance_url)}`} centered>
        {disconnect.data ? (
          <>
            <Text size="sm" mb="sm">
              Disconnected. This is what was removed:
            </Text>
            <Checks checks={disconnect.data.checks} />
            <Group justify="flex-end" mt="lg">
              <Button onClick={done}>Close</Button>
            </Group>
          </>
        ) : (
          <>
            <List size="sm" spacing={4}>
              <List.Item>The Business Rule and the System Property are removed from the instance.</List.Item>
              <List.Item>The consent is revoked, and the secrets are forgotten.</List.Item>
              <List.Item>Workflows no longer run there. The history stays.</List.Item>
            </List>
            {disconnect.isError && (
              <Text size="sm" c="red" mt="sm" role="alert">
                {Problem.from(disconnect.error).message}
              </Text>
            )}
            <Group justify="flex-end" mt="lg" gap="xs">
              <Button variant="default" onClick={done}>
                Cancel
              </Button>
              <Button color="red" loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
                Disconnect
              </Button>
            </Group>
          </>
        )}
      </Modal>
    </>
  );
}
