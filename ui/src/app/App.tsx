import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Component, lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { Failure } from '../components/Failure';
import { integrationsQuery } from '../pages/integrations/queries';
import { Bare } from './Bare';
import { LiveProvider } from './LiveProvider';
import { Shell } from './Shell';
import { safeNext, useSession } from './session';

const SetUp = lazy(() => import('../pages/set-up/SetUp'));
const SignIn = lazy(() => import('../pages/sign-in/SignIn'));
const Integrations = lazy(() => import('../pages/integrations/Integrations'));
const ServiceNow = lazy(() => import('../pages/integrations/ServiceNow'));
const Workflows = lazy(() => import('../pages/workflows/Workflows'));
const WorkflowPage = lazy(() => import('../pages/workflows/WorkflowPage'));
const NewWorkflow = lazy(() => import('../pages/workflows/NewWorkflow'));
const EditWorkflow = lazy(() => import('../pages/workflows/EditWorkflow'));
const EventHistory = lazy(() => import('../pages/event-history/EventHistory'));
const EventPage = lazy(() => import('../pages/event-history/EventPage'));
const RunPage = lazy(() => import('../pages/event-history/RunPage'));
const Approvals = lazy(() => import('../pages/approvals/Approvals'));
const ApprovalPage = lazy(() => import('../pages/approvals/ApprovalPage'));
const ScheduledWork = lazy(() => import('../pages/scheduled-work/ScheduledWork'));
const Settings = lazy(() => import('../pages/settings/Settings'));
const Alerts = lazy(() => import('../pages/alerts/Alerts'));
const NotFound = lazy(() => import('../pages/not-found/NotFound'));

/** Decides who sees what: set-up before everything, sign-in before the dashboard, then the page of the address. */
export function App() {
  const session = useSession();
  const [path] = useLocation();
  const search = useSearch();

  if (session.isPending) return <Waiting />;
  if (session.isError && !session.data) {
    return (
      <Bare title="Neo Agent">
        <Failure
          title="The dashboard could not start"
          error={session.error}
          onRetry={() => void session.refetch()}
          retrying={session.isFetching}
        />
      </Bare>
    );
  }

  const { user, setup_required: setUpRequired, version } = session.data;
  if (setUpRequired) return <Alone>{path === '/setup' ? <SetUp /> : <Redirect to="/setup" replace />}</Alone>;
  if (!user) {
    const next =
      path === '/' || path === '/setup' ? '' : `?next=${encodeURIComponent(path + (search ? `?${search}` : ''))}`;
    return <Alone>{path === '/sign-in' ? <SignIn /> : <Redirect to={`/sign-in${next}`} replace />}</Alone>;
  }
  if (path === '/sign-in' || path === '/setup') return <Redirect to={safeNext(search)} replace />;

  return (
    <LiveProvider>
      <Shell person={user} version={version}>
        <ScrollToTop path={path} />
        <Broken key={path}>
          <Suspense fallback={<PageSkeleton />}>
            <Switch>
              <Route path="/" component={Home} />
              <Route path="/integrations" component={Integrations} />
              <Route path="/integrations/servicenow/:id?">{({ id }) => <ServiceNow key={id ?? ''} id={id} />}</Route>
              <Route path="/workflows" component={Workflows} />
              <Route path="/workflows/new" component={NewWorkflow} />
              <Route path="/workflows/:id">{({ id }) => <WorkflowPage key={id} id={id} />}</Route>
              <Route path="/workflows/:id/edit">{({ id }) => <EditWorkflow key={id} id={id} />}</Route>
              <Route path="/events" component={EventHistory} />
              <Route path="/events/:id">{({ id }) => <EventPage key={id} id={id} />}</Route>
              <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
              <Route path="/approvals" component={Approvals} />
              <Route path="/approvals/:id">{({ id }) => <ApprovalPage key={id} id={id} />}</Route>
              <Route path="/scheduled-work" component={ScheduledWork} />
              <Route path="/settings" component={Settings} />
              <Route path="/alerts" component={Alerts} />
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Broken>
      </Shell>
    </LiveProvider>
  );
}

/** Without a connection there is nothing to see but how to make one. */
function Home() {
  const integrations = useQuery(integrationsQuery);
  if (integrations.isPending) return <PageSkeleton />;
  if (integrations.isError) {
    return (
      <Failure
        title="Your integrations could not be loaded"
        error={integrations.error}
        onRetry={() => void integrations.refetch()}
        retrying={integrations.isFetching}
      />
    );
  }
  return <Redirect to={integrations.data.length > 0 ? '/events' : '/integrations'} replace />;
}

function Alone({ children }: { children: ReactNode }) {
  return <Suspense fallback={<Waiting />}>{children}</Suspense>;
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" style={{ padding: 24 }}>
      <Skeleton height={30} width={150} radius="md" />
    </div>
  );
}

export function PageSkeleton() {
  return (
    <Stack gap="lg" role="status" aria-label="Loading">
      <Skeleton height={28} width={220} />
      <Skeleton height={220} radius="lg" />
    </Stack>
  );
}

function ScrollToTop({ path }: { path: string }) {
  // The braces matter: scrollTo answers with a promise in newer browsers, and React would call it as the clean-up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page starts at its top
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [path]);
  return null;
}

/** Shows what is left to do when a page fails to draw or to load its code, as it does after an upgrade of the server. */
class Broken extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <Failure title="This page could not be shown" error={this.state.error} onRetry={() => window.location.reload()} />
    );
  }
}
