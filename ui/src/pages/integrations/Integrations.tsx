import { Badge, Button, Card, Group, SimpleGrid, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import type { Integration } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { When } from '../../components/When';
import classes from './Integrations.module.css';
import { integrationsQuery } from './queries';
import { ServiceNowMark } from './ServiceNowMark';
import { connectionLook, host, worst } from './states';

/** The ticket systems that Neo can work with, and those that it is connected to. */
export default function Integrations() {
  const [, navigate] = useLocation();
  const tab = new URLSearchParams(useSearch()).get('tab') === 'connected' ? 'connected' : 'directory';
  const integrations = useQuery(integrationsQuery);
  const count = integrations.data?.length ?? 0;

  return (
    <Page title="Integrations" lead="The systems that Neo reads from and acts in.">
      <Tabs
        value={tab}
        onChange={(value) =>
          navigate(value === 'connected' ? '/integrations?tab=connected' : '/integrations', { replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="directory">Directory</Tabs.Tab>
          <Tabs.Tab
            value="connected"
            rightSection={
              count > 0 ? (
                <Badge size="sm" color="gray" aria-hidden="true">
                  {count}
                </Badge>
              ) : null
            }
          >
            Connections
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="directory">
          <Directory integrations={integrations.data} />
        </Tabs.Panel>
        <Tabs.Panel value="connected">
          {integrations.isPending ? (
            <Stack gap="sm" role="status" aria-label="Loading">
              <Skeleton height={82} radius="lg" />
              <Skeleton height={82} radius="lg" />
            </Stack>
          ) : integrations.isError && !integrations.data ? (
            <Failure
              title="Your integrations could not be loaded"
              error={integrations.error}
              onRetry={() => void integrations.refetch()}
              retrying={integrations.isFetching}
            />
          ) : (
            <Connected integrations={integrations.data} />
          )}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Directory({ integrations }: { integrations: Integration[] | undefined }) {
  const shown = worst(integrations ?? []);
  return (
    <section aria-labelledby="category-psa">
      <Title order={2} id="category-psa">
        PSA
      </Title>
      <Text c="dimmed" size="sm" mb="sm">
        Where your tickets are. Connect it first: everything else builds on it.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
        <Card component={Link} href="/integrations/servicenow" className={classes.tile} aria-label="ServiceNow">
          <Group gap="md" wrap="nowrap" align="flex-start">
            <ServiceNowMark />
            <div>
              <Group gap="xs">
                <Text fw={600}>ServiceNow</Text>
                {shown && (
                  <Badge color={connectionLook(shown).color} size="sm">
                    {connectionLook(shown).label}
                  </Badge>
                )}
              </Group>
              <Text size="sm" c="dimmed" mt={2}>
                Incidents, requests, request items, tasks, changes and problems, as they change.
              </Text>
            </div>
          </Group>
        </Card>
      </SimpleGrid>
    </section>
  );
}

function Connected({ integrations }: { integrations: Integration[] }) {
  if (integrations.length === 0) {
    return (
      <Card p={0}>
        <Empty
          icon={<IconPlugConnected size={26} stroke={1.6} />}
          title="Nothing is connected yet"
          action={
            <Button component={Link} href="/integrations/servicenow">
              Set up ServiceNow
            </Button>
          }
        >
          Connect your ticket system, and every change of a ticket there reaches Neo within seconds.
        </Empty>
      </Card>
    );
  }
  return (
    <Stack gap="sm" component="ul" className={classes.list}>
      {integrations.map((i) => (
        <li key={i.id}>
          <Card component={Link} href={`/integrations/servicenow/${i.id}`} className={classes.tile}>
            <Group justify="space-between" gap="sm">
              <Group gap="md" wrap="nowrap" style={{ minWidth: 0 }}>
                <ServiceNowMark size={36} />
                <div style={{ minWidth: 0 }}>
                  <Text fw={600} className="break">
                    {host(i.instance_url)}
                  </Text>
                  <Text size="sm" c="dimmed">
                    {i.identity.name ? `Neo acts as ${i.identity.name}` : 'ServiceNow'}
                    {i.connected_at && (
                      <>
                        {' · last consent '}
                        <When at={i.connected_at} />
                      </>
                    )}
                  </Text>
                </div>
              </Group>
              <Group gap="xs">
                {i.simulated && <Badge color="petrol">Simulated instance</Badge>}
                <Badge color={connectionLook(i).color}>{connectionLook(i).label}</Badge>
              </Group>
            </Group>
          </Card>
        </li>
      ))}
    </Stack>
  );
}
