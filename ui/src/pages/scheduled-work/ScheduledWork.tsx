import { Anchor, Badge, Button, Card, Group, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendarTime, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import type { ScheduledWork as Work } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { StateTabs, useStateTab } from '../../components/StateTabs';
import { When } from '../../components/When';
import { type Look, look } from '../../words/outcome';
import { moment } from '../../words/time';
import { CancelWork } from './CancelWork';
import { EditWork } from './EditWork';
import { NewWork } from './NewWork';
import { scheduledWorkQuery, type WorkState } from './queries';
import classes from './ScheduledWork.module.css';

const states: Record<WorkState, Look> = {
  PENDING: { label: 'Pending', color: 'yellow' },
  PROCESSING: { label: 'Processing', color: 'blue' },
  COMPLETED: { label: 'Completed', color: 'green' },
  FAILED: { label: 'Failed', color: 'red' },
  CANCELLED: { label: 'Cancelled', color: 'gray' },
};

type Tab = WorkState | 'ALL';

const tabs: { value: Tab; label: string }[] = [
  { value: 'ALL', label: 'All' },
  ...Object.entries(states).map(([value, { label }]) => ({ value: value as WorkState, label })),
];

/** Workflows that people want to be carried out on a ticket, now or later. */
export default function ScheduledWork() {
  const tab = useStateTab(tabs);
  const asked = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  // A link from elsewhere may ask for the form, with what is known already.
  const linked = asked.has('new');
  const [opened, { open, close }] = useDisclosure(linked);
  const onClose = () => {
    close();
    if (linked) navigate(path, { replace: true });
  };
  return (
    <Page
      title="Scheduled Work"
      lead="Any workflow, on a ticket of your choice, at the time you choose."
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          Schedule new work
        </Button>
      }
    >
      <StateTabs tabs={tabs} value={tab} label="Scheduled work by state">
        <List key={tab} tab={tab} onNew={open} />
      </StateTabs>
      <NewWork
        opened={opened}
        onClose={onClose}
        workflow={asked.get('workflow') ?? ''}
        ticket={asked.get('ticket') ?? ''}
      />
    </Page>
  );
}

function List({ tab, onNew }: { tab: Tab; onNew: () => void }) {
  const work = useInfiniteQuery(scheduledWorkQuery);
  // The Event History leads to one of them.
  const asked = new URLSearchParams(useSearch()).get('work');
  if (work.isPending) {
    return (
      <Card p={0} role="status" aria-label="Loading">
        {[1, 2, 3].map((i) => (
          <div key={i} className={classes.item}>
            <Skeleton height={14} width={110} />
            <Skeleton height={14} maw={360} />
            <Skeleton height={20} width={80} />
          </div>
        ))}
      </Card>
    );
  }
  if (!work.data) {
    return (
      <Failure
        title="The scheduled work could not be loaded"
        error={work.error}
        onRetry={() => void work.refetch()}
        retrying={work.isFetching}
      />
    );
  }
  const all = work.data.pages.flatMap((page) => page.work).filter((w) => tab === 'ALL' || w.state === tab);
  return (
    <>
      {all.length === 0 ? (
        <Nothing tab={tab} onNew={onNew} />
      ) : (
        <Card p={0}>
          <ul className={classes.list} aria-label="Scheduled work">
            {inOrder(all).map((w) => (
              <Item key={w.id} work={w} asked={w.id === asked} />
            ))}
          </ul>
        </Card>
      )}
      {work.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={() => void work.fetchNextPage()} loading={work.isFetchingNextPage}>
            Show older work
          </Button>
        </Group>
      )}
    </>
  );
}

function Nothing({ tab, onNew }: { tab: Tab; onNew: () => void }) {
  return (
    <Card p={0}>
      <Empty
        icon={<IconCalendarTime size={26} stroke={1.6} />}
        title={tab === 'ALL' ? 'Nothing is scheduled' : 'Nothing is in this state'}
        action={
          tab === 'ALL' && (
            <Button variant="default" onClick={onNew}>
              Schedule the first
            </Button>
          )
        }
      >
        {tab === 'ALL'
          ? 'Choose a workflow, a ticket and a time: Neo carries it out then, and shows here how it went.'
          : 'Look at another state, or at all of it.'}
      </Empty>
    </Card>
  );
}

function Item({ work, asked }: { work: Work; asked: boolean }) {
  const { label, color } = look(states, work.state);
  const pending = work.state === 'PENDING';
  return (
    <li className={classes.item} data-work={work.id} data-asked={asked || undefined}>
      <div className={classes.when}>
        <Text fw={600}>{moment(work.at)}</Text>
        <Text size="sm" c="dimmed">
          <When at={work.at} />
        </Text>
      </div>
      <div className={classes.what} style={{ minWidth: 0 }}>
        <Text fw={550} className="break">
          <Anchor component={Link} href={`/workflows/${work.workflow_id}`} inherit c="inherit">
            {work.workflow_name}
          </Anchor>{' '}
          <Text span inherit c="dimmed" fw={400}>
            on
          </Text>{' '}
          <Anchor component={Link} href={`/events?ticket=${encodeURIComponent(work.number)}`} inherit fw={600}>
            {work.number}
          </Anchor>
        </Text>
        {work.note && (
          <Text size="sm" className={classes.note}>
            {work.note}
          </Text>
        )}
        {work.message && (
          <Text size="sm" className="break" c={work.state === 'FAILED' ? 'var(--mantine-color-error)' : 'dimmed'}>
            {work.message}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {work.requested_by ? `by ${work.requested_by}, ` : ''}
          <When at={work.created_at} />
        </Text>
      </div>
      <Badge color={color} data-state={work.state}>
        {label}
      </Badge>
      <div className={classes.actions}>
        {work.run_id && (
          <Button
            component={Link}
            href={`/runs/${work.run_id}`}
            variant="default"
            size="xs"
            aria-label={`Show the run on ${work.number}`}
          >
            Show the run
          </Button>
        )}
        {pending && <EditWork work={work} />}
        {pending && <CancelWork work={work} />}
      </div>
    </li>
  );
}

/** What is to come first, the next before the later; then what was, the latest first. */
function inOrder(work: Work[]): Work[] {
  const rank = (w: Work) => (w.state === 'PROCESSING' ? 0 : w.state === 'PENDING' ? 1 : 2);
  return work.toSorted(
    (a, b) => rank(a) - rank(b) || (rank(a) === 2 ? b.at.localeCompare(a.at) : a.at.localeCompare(b.at)),
  );
}
