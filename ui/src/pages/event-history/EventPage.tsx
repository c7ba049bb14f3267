import { Badge, Button, Card, Collapse, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Event, Run } from '../../api/client';
import { Problem } from '../../api/problem';
import { Changes } from '../../components/Changes';
import { Fact, Facts } from '../../components/Facts';
import { Failure } from '../../components/Failure';
import { NotFoundPanel } from '../../components/NotFoundPanel';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { Page } from '../../components/Page';
import { TicketLink } from '../../components/TicketLink';
import { When } from '../../components/When';
import { dispositionWords, eventTypes, missedWords, sourceExplanation, sourceWords } from '../../words/event';
import { capital, fieldName, shown, ticketClass } from '../../words/ticket';
import { absolute, between } from '../../words/time';
import classes from './EventPage.module.css';
import { eventQuery } from './queries';
import { Why } from './Why';

const back = { href: '/events', label: 'Event History' };

/** One change of a ticket: what changed, who did it, and what Neo did about it. */
export default function EventPage({ id }: { id: string }) {
  const event = useQuery(eventQuery(id));
  if (event.isPending) {
    return (
      <Page title="Event" back={back}>
        <Stack role="status" aria-label="Loading">
          <Skeleton height={110} radius="lg" />
          <Skeleton height={220} radius="lg" />
        </Stack>
      </Page>
    );
  }
  if (event.isError && !event.data) {
    return (
      <Page title="Event" back={back}>
        {Problem.from(event.error).code === 'not_found' ? (
          <NotFoundPanel
            title="There is no such event"
            text="The link may be old or mistyped. Look for the ticket in the Event History."
            href="/events"
            label="Go to the Event History"
          />
        ) : (
          <Failure
            title="The event could not be loaded"
            error={event.error}
            onRetry={() => void event.refetch()}
            retrying={event.isFetching}
          />
        )}
      </Page>
    );
  }
  return <LoadedEvent event={event.data} />;
}

function LoadedEvent({ event }: { event: Event }) {
  const title = shown(event.fields.short_description);
  const created = event.type === 'ENTITY_CREATED';
  return (
    <Page
      title={`${event.number} ${created ? 'created' : 'updated'}`}
      heading={
        <>
          <TicketLink number={event.number} url={event.ticket_url} /> {created ? 'created' : 'updated'}
        </>
      }
      lead={title}
      back={back}
    >
      <Card>
        <Facts>
          <Fact label="Type">{eventTypes[event.type]}</Fact>
          <Fact label="Ticket">{capital(ticketClass(event.class))}</Fact>
          <Fact label={created ? 'Created by' : 'Changed by'}>{event.changed_by || 'unknown'}</Fact>
          <Fact label="When">
            {event.changed_at ? (
              <>
                {absolute(event.changed_at)}{' '}
                <Text span c="dimmed" size="sm">
                  (<When at={event.changed_at} />)
                </Text>
              </>
            ) : (
              'unknown'
            )}
          </Fact>
          <Fact label="Reached Neo">
            <span title={absolute(event.received_at)}>
              {between(event.changed_at, event.received_at)
                ? `${between(event.changed_at, event.received_at)} later`
                : absolute(event.received_at)}
            </span>
          </Fact>
          <Fact label="How it came">{sourceWords(event.source)}</Fact>
          <Fact label="Version">{event.version}</Fact>
        </Facts>
        <Remarks remarks={[sourceExplanation(event.source), missedWords(event.missed)]} />
      </Card>

      <Card>
        <Title order={2} mb="xs">
          What Neo did
        </Title>
        <Text component="div" data-disposition={event.disposition}>
          {event.disposition === 'RECORDED' && (
            <Badge color="gray" mr={8}>
              Recorded
            </Badge>
          )}
          {dispositionWords(event)}
        </Text>
        {event.runs.length > 0 && <Runs runs={event.runs} />}
      </Card>

      <Why event={event} />

      {(event.changes.length > 0 || event.journal.length > 0 || !created) && (
        <Card>
          <Title order={2} mb="xs">
            What changed
          </Title>
          {event.changes.length > 0 ? (
            <Changes changes={event.changes} label="Changed fields" />
          ) : (
            <Text c="dimmed">
              {event.journal.length > 0 ? 'Notes were added; no field changed.' : 'No field that Neo was told about.'}
            </Text>
          )}
          {event.journal.map((entry, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: notes have no identity of their own
            <figure key={i} className={classes.note}>
              <figcaption>
                <b>{fieldName(entry.element)}</b>
                {entry.author && ` by ${entry.author}`}
                <Text span size="xs" c="dimmed">
                  {entry.element === 'comments' ? ' · seen by the customer' : ' · internal'}
                </Text>
              </figcaption>
              <blockquote>{entry.text}</blockquote>
            </figure>
          ))}
        </Card>
      )}

      {Object.keys(event.fields).length > 0 && <Record event={event} />}
    </Page>
  );
}

/** What there is to know about how this change came. */
function Remarks({ remarks }: { remarks: string[] }) {
  return remarks.filter(Boolean).map((remark) => (
    <Text key={remark} size="sm" c="dimmed" mt="sm">
      {remark}
    </Text>
  ));
}

function Runs({ runs }: { runs: Run[] }) {
  return (
    <ul className={classes.runs} aria-label="Runs">
      {runs.map((run) => (
        <li key={run.id}>
          <Link href={`/runs/${run.id}`} className={classes.run}>
            <OutcomeBadge outcome={run.outcome} shadow={run.shadow} />
            <span className={classes.runText}>
              <span className={classes.runName}>{run.workflow_name}</span>
              {run.message && (
                <Text size="sm" c="dimmed" className="break">
                  {run.message}
                </Text>
              )}
            </span>
            <Text size="sm" c="dimmed" className="tabular">
              {between(run.started_at, run.finished_at)}
            </Text>
            <IconChevronRight size={16} aria-hidden="true" />
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The whole ticket, as it was after this change. */
function Record({ event }: { event: Event }) {
  const created = event.type === 'ENTITY_CREATED';
  // A new ticket is all news.
  const [opened, { toggle }] = useDisclosure(created);
  const fields = Object.entries(event.fields).filter(([, value]) => shown(value));
  return (
    <Card>
      <Group justify="space-between">
        <div>
          <Title order={2}>{created ? 'What it was created with' : 'The whole ticket'}</Title>
          <Text size="sm" c="dimmed">
            {created ? 'Fields with a value' : 'As it was after this change, fields with a value'}: {fields.length}
          </Text>
        </div>
        <Button
          variant="default"
          size="xs"
          onClick={toggle}
          aria-expanded={opened}
          leftSection={<IconChevronDown size={14} style={{ rotate: opened ? '180deg' : undefined }} />}
        >
          {opened ? 'Hide' : 'Show'}
        </Button>
      </Group>
      <Collapse expanded={opened}>
        <Table mt="sm" aria-label="The whole ticket" className={classes.record}>
          <Table.Tbody>
            {fields.map(([field, value]) => (
              <Table.Tr key={field}>
                <Table.Td c="dimmed" title={field}>
                  {fieldName(field)}
                </Table.Td>
                <Table.Td className="break">{shown(value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Collapse>
    </Card>
  );
}
