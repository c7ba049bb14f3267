import { Tabs } from '@mantine/core';
import { useLocation, useSearch } from 'wouter';
import { Page } from '../../components/Page';
import { ApiKeys } from './ApiKeys';
import { Endpoints } from './Endpoints';
import { WorkingHours } from './WorkingHours';

const tabs = [
  { value: 'hours', label: 'Business hours' },
  { value: 'endpoints', label: 'Message endpoints' },
  { value: 'api-keys', label: 'API keys' },
];

/** What holds for all workflows, and who may use Neo from outside. */
export default function Settings() {
  const [path, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('tab');
  const tab = tabs.some((t) => t.value === asked) ? (asked ?? 'hours') : 'hours';
  return (
    <Page title="Settings" lead="What holds for all workflows, where they may send messages, and who may use the API.">
      <Tabs
        value={tab}
        onChange={(value) => navigate(value === 'hours' ? path : `${path}?tab=${value}`, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg" aria-label="Settings">
          {tabs.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="hours">
          <WorkingHours />
        </Tabs.Panel>
        <Tabs.Panel value="endpoints">
          <Endpoints />
        </Tabs.Panel>
        <Tabs.Panel value="api-keys">
          <ApiKeys />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
