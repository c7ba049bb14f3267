import { NotFoundPanel } from '../../components/NotFoundPanel';
import { Page } from '../../components/Page';

export default function NotFound() {
  return (
    <Page title="Page not found">
      <NotFoundPanel
        title="There is nothing at this address"
        text="The link may be old or mistyped. Pick a page from the menu, or go to the Event History."
        href="/events"
        label="Go to the Event History"
      />
    </Page>
  );
}
