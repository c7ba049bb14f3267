import { NotFoundPanel } from '../../components/NotFoundPanel';
import { Page } from '../../components/Page';

export function MissingWorkflow() {
  return (
    <Page title="Workflow not found" back={{ href: '/workflows', label: 'Workflows' }}>
      <NotFoundPanel
        title="There is no such workflow"
        text="It may have been deleted. What it did is still in the Event History."
        href="/workflows"
        label="Show all workflows"
      />
    </Page>
  );
}
