import { Badge, Button, Card, Group, Skeleton, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBrandSlack, IconBrandTeams, IconCircleCheck, IconPlus, IconSend, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Endpoint } from '../../api/client';
import { Problem } from '../../api/problem';
import { Confirm } from '../../components/Confirm';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { EndpointForm, kinds } from './EndpointForm';
import { type EndpointKind, endpointsQuery, useDeleteEndpoint, useTestEndpoint } from './queries';
import classes from './Settings.module.css';

const icons: Record<EndpointKind, typeof IconSend> = {
  SLACK: IconBrandSlack,
  TEAMS: IconBrandTeams,
  HTTPS: IconWebhook,
};

/** Where workflows may send messages: this list and nowhere else. */
export function Endpoints() {
  const endpoints = useQuery(endpointsQuery);
  const [adding, { open, close }] = useDisclosure(false);
  if (endpoints.isPending) {
    return (
      <Card role="status" aria-label="Loading">
        <Skeleton height={120} />
      </Card>
    );
  }
  if (!endpoints.data) {
    return (
      <Failure
        title="The message endpoints could not be loaded"
        error={endpoints.error}
        onRetry={() => void endpoints.refetch()}
        retrying={endpoints.isFetching}
      />
    );
  }
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Add endpoint
    </Button>
  );
  const none = endpoints.data.length === 0;
  return (
    <Card p={0}>
      {none ? (
        <Empty icon={<IconSend size={26} stroke={1.6} />} title="No message endpoints yet" action={add}>
          Add a Slack channel, a Teams channel or any HTTPS address, and workflows can send messages there. They can
          send them nowhere else.
        </Empty>
      ) : (
        <>
          <div className={classes.head}>
            <div>
              <Title order={2}>Message endpoints</Title>
              <Text size="sm" c="dimmed" maw={600}>
                Workflows send messages to these places and nowhere else. Addresses and headers are kept sealed and
                never shown again.
              </Text>
            </div>
            {add}
          </div>
          <ul className={classes.list} aria-label="Message endpoints">
            {endpoints.data.map((endpoint) => (
              <Item key={endpoint.id} endpoint={endpoint} />
            ))}
          </ul>
        </>
      )}
      <EndpointForm opened={adding} onClose={close} />
    </Card>
  );
}

function Item({ endpoint }: { endpoint: Endpoint }) {
  const [editing, { open, close }] = useDisclosure(false);
  const test = useTestEndpoint(endpoint.id);
  const Icon = icons[endpoint.kind] ?? IconSend;
  return (
    <li className={classes.item}>
      <div className={classes.mark} aria-hidden="true">
        <Icon size={20} stroke={1.6} />
      </div>
      <div className={classes.what}>
        <Group gap={8}>
          <Text fw={600} className="break">
            {endpoint.name}
          </Text>
          <Badge color="gray" size="sm">
            {kinds[endpoint.kind] ?? endpoint.kind}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed" className="break">
          {endpoint.host}
        </Text>
      </div>
      <Group gap={6}>
        <Button
          variant="default"
          size="xs"
          loading={test.isPending}
          onClick={() => test.mutate()}
          aria-label={`Send a test message to ${endpoint.name}`}
        >
          Test
        </Button>
        <Button variant="default" size="xs" onClick={open} aria-label={`Edit ${endpoint.name}`}>
          Edit
        </Button>
        <Delete endpoint={endpoint} />
      </Group>
      {test.isSuccess && (
        <Group gap={6} className={classes.said} role="status" c="var(--mantine-color-green-light-color)" wrap="nowrap">
          <IconCircleCheck size={16} aria-hidden="true" />
          <Text size="sm">A test message was taken. Look whether it arrived.</Text>
        </Group>
      )}
      {test.isError && (
        <Text size="sm" className={`${classes.said} break`} role="alert" c="var(--mantine-color-error)">
          The test failed: {Problem.from(test.error).message}
        </Text>
      )}
      <EndpointForm opened={editing} onClose={close} endpoint={endpoint} />
    </li>
  );
}

function Delete({ endpoint }: { endpoint: Endpoint }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useDeleteEndpoint(endpoint.id);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          remove.reset();
          open();
        }}
        aria-label={`Delete ${endpoint.name}`}
      >
        Delete
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title={`Delete “${endpoint.name}”?`}
        action="Delete endpoint"
        busy={remove.isPending}
        failed="The endpoint was not deleted"
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
      >
        Its address is forgotten. Workflows that send messages there fail at that step until they name another one.
      </Confirm>
    </>
  );
}
