import { Page } from '../../components/Page';
import { StateTabs, useStateTab } from '../../components/StateTabs';
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
  const tab = useStateTab(tabs, 'tab');
  return (
    <Page title="Settings" lead="What holds for all workflows, where they may send messages, and who may use the API.">
      <StateTabs tabs={tabs} value={tab} name="tab" label="Settings">
        {tab === 'hours' ? <WorkingHours /> : tab === 'endpoints' ? <Endpoints /> : <ApiKeys />}
      </StateTabs>
    </Page>
  );
}
