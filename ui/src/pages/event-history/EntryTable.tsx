import { Anchor, Card, Table, Text } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import type { HistoryEntry } from '../../api/client';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { When } from '../../components/When';
import { duration } from '../../words/time';
import classes from './EventHistory.module.css';
import { entryPath, outcomeOf } from './entry';
import { SourceMark } from './SourceMark';
import { TypeName } from './TypeName';

export function EntryTable({ entries, isNew }: { entries: HistoryEntry[]; isNew: (e: HistoryEntry) => boolean }) {
  const [, navigate] = useLocation();
  return (
    <Card p={0} className={classes.frame}>
      <Table aria-label="Events" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={104}>Time</Table.Th>
            <Table.Th w="25%">Ticket</Table.Th>
            <Table.Th w="18%">Type</Table.Th>
            <Table.Th w={122}>Outcome</Table.Th>
            <Table.Th>Message</Table.Th>
            <Table.Th w={84} ta="right">
              Duration
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Table.Tr
              key={entry.id}
              className={`${classes.row} ${isNew(entry) ? classes.new : ''}`}
              data-entry={entry.id}
              onClick={(event) => {
                // The link inside is for the keyboard, for new tabs and for screen readers.
                if (!(event.target as HTMLElement).closest('a')) navigate(entryPath(entry));
              }}
            >
              <Table.Td className={classes.time}>
                <When at={entry.at} />
              </Table.Td>
              <Table.Td>
                <Anchor component={Link} href={entryPath(entry)} className={classes.number}>
                  {entry.number}
                </Anchor>
                <Text size="sm" c="dimmed" truncate title={entry.title}>
                  {entry.title}
                </Text>
              </Table.Td>
              <Table.Td>
                <TypeName type={entry.type} undo={entry.cause === 'UNDO'} />
                <SourceMark source={entry.source} />
                {entry.workflow_name && (
                  <Text size="sm" c="dimmed" truncate title={entry.workflow_name}>
                    {entry.workflow_name}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <OutcomeBadge outcome={entry.outcome} {...outcomeOf(entry)} />
              </Table.Td>
              <Table.Td className={classes.message}>
                <Text size="sm" lineClamp={2} title={entry.message}>
                  {entry.message}
                </Text>
              </Table.Td>
              <Table.Td className={`${classes.duration} tabular`}>{duration(entry.duration_ms)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
