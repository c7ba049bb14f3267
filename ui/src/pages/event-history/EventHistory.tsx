import { Button, Card, Group, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconActivity, IconArrowUp, IconFilterOff, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { eventTypes } from '../../words/event';
import { outcomes } from '../../words/outcome';
import { integrationsQuery } from '../integrations/queries';
import { EntryCards } from './EntryCards';
import { EntryTable } from './EntryTable';
import classes from './EventHistory.module.css';
import { filterPath, readFilter } from './filter';
import { LiveDot } from './LiveDot';
import { type HistoryFilter, historyQuery } from './queries';
import { useArrivals } from './useArrivals';

/** Everything that reached Neo and everything it did, newest first, as it happens. */
export default function EventHistory() {
  const filter = readFilter(useSearch());
  return (
    <Page title="Event History" lead="Every change that reached Neo, and what was done about it." actions={<LiveDot />}>
      <Filters filter={filter} />
      <History key={filterPath(filter)} filter={filter} />
    </Page>
  );
}

const typeOptions = [
  { value: '', label: 'All types' },
  ...Object.entries(eventTypes).map(([value, label]) => ({ value, label })),
];
const outcomeOptions = [
  { value: '', label: 'All outcomes' },
  ...Object.entries(outcomes).map(([value, { label }]) => ({ value, label })),
];

function Filters({ filter }: { filter: HistoryFilter }) {
  const [, navigate] = useLocation();
  const [ticket, setTicket] = useState(filter.ticket ?? '');
  const apply = (change: HistoryFilter) => navigate(filterPath({ ...filter, ...change }), { replace: true });
  const search = useDebouncedCallback((value: string) => apply({ ticket: value.trim() }), 300);

  // The address may change by itself: the back button, a link.
  const asked = filter.ticket ?? '';
  useEffect(() => {
    setTicket((typed) => (typed.trim() === asked ? typed : asked));
  }, [asked]);

  const filtered = Boolean(filter.ticket || filter.type || filter.outcome);
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Filter events" className={classes.filters}>
      <TextInput
        label="Ticket"
        placeholder="INC0010001"
        type="search"
        leftSection={<IconSearch size={15} />}
        value={ticket}
        maxLength={64}
        onChange={(event) => {
          setTicket(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
        className={classes.ticket}
      />
      <NativeSelect
        label="Type"
        data={typeOptions}
        value={filter.type ?? ''}
        onChange={(event) => apply({ type: (event.currentTarget.value || undefined) as HistoryFilter['type'] })}
        className={classes.select}
      />
      <NativeSelect
        label="Outcome"
        data={outcomeOptions}
        value={filter.outcome ?? ''}
        onChange={(event) => apply({ outcome: (event.currentTarget.value || undefined) as HistoryFilter['outcome'] })}
        className={classes.select}
      />
      {filtered && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconFilterOff size={15} />}
          onClick={() => {
            setTicket('');
            navigate('/events', { replace: true });
          }}
        >
          Clear filters
        </Button>
      )}
    </Group>
  );
}

function History({ filter }: { filter: HistoryFilter }) {
  const narrow = useMediaQuery('(max-width: 66em)', undefined, { getInitialValueInEffect: false });
  const history = useInfiniteQuery({ ...historyQuery(filter), placeholderData: keepPreviousData });
  const entries = history.data?.pages.flatMap((page) => page.entries) ?? [];
  const arrivals = useArrivals(entries);

  if (history.isPending) return <HistorySkeleton />;
  if (history.isError && !history.data) {
    return (
      <Failure
        title="The Event History could not be loaded"
        error={history.error}
        onRetry={() => void history.refetch()}
        retrying={history.isFetching}
      />
    );
  }
  const List = narrow ? EntryCards : EntryTable;
  return (
    <>
      {history.isError && (
        <Failure
          title="What you see may be out of date"
          error={history.error}
          onRetry={() => void history.refetch()}
          retrying={history.isFetching}
        />
      )}
      {arrivals.waiting > 0 && (
        <div className={classes.waiting}>
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={arrivals.show}>
            {arrivals.waiting === 1 ? '1 new event' : `${arrivals.waiting} new events`}
          </Button>
        </div>
      )}
      {entries.length === 0 ? (
        <Card p={0}>
          <Nothing filter={filter} />
        </Card>
      ) : (
        <List entries={arrivals.shown} isNew={arrivals.isNew} />
      )}
      {history.hasNextPage && (
        <Group justify="center">
          <Button variant="default" onClick={() => void history.fetchNextPage()} loading={history.isFetchingNextPage}>
            Show older events
          </Button>
        </Group>
      )}
    </>
  );
}

function Nothing({ filter }: { filter: HistoryFilter }) {
  const integrations = useQuery(integrationsQuery);
  if (filter.ticket || filter.type || filter.outcome) {
    return (
      <Empty
        icon={<IconFilterOff size={26} stroke={1.6} />}
        title="No event matches these filters"
        action={
          <Button component={Link} href="/events" variant="default">
            Show all events
          </Button>
        }
      >
        {filter.ticket
          ? `Ticket numbers are matched from their beginning. Nothing begins with “${filter.ticket}” here.`
          : 'Choose other filters, or clear them to see everything.'}
      </Empty>
    );
  }
  const standing = integrations.data?.filter((i) => i.status.state !== 'DISCONNECTED') ?? [];
  const connected = standing.some((i) => i.status.state === 'WORKING' || i.status.state === 'DEGRADED');
  return (
    <Empty
      icon={<IconActivity size={26} stroke={1.6} />}
      title="Nothing has happened yet"
      action={
        !connected && (
          <Button component={Link} href="/integrations">
            {standing.length > 0 ? 'See the connection' : 'Connect ServiceNow'}
          </Button>
        )
      }
    >
      {connected
        ? 'Create or change a ticket in ServiceNow: it appears here within seconds, without reloading.'
        : standing.length > 0
          ? 'Changes of tickets appear here when the connection works again.'
          : 'Changes of tickets appear here as soon as a ticket system is connected.'}
    </Empty>
  );
}

function HistorySkeleton() {
  return (
    <Card p={0} role="status" aria-label="Loading">
      {Array.from({ length: 8 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all the same
        <div key={i} className={classes.skeleton}>
          <Skeleton height={12} width={64} />
          <Skeleton height={12} style={{ flex: 1 }} maw={300} />
          <Skeleton height={12} width={120} visibleFrom="sm" />
          <Skeleton height={20} width={78} radius="sm" ml="auto" />
        </div>
      ))}
    </Card>
  );
}
