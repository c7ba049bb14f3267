import { Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { HistoryEntry } from '../../api/client';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { When } from '../../components/When';
import { duration } from '../../words/time';
import classes from './EventHistory.module.css';
import { entryPath, outcomeOf } from './entry';
import { SourceMark } from './SourceMark';
import { TypeName } from './TypeName';

/** The table, where it does not fit. */
export function EntryCards({ entries, isNew }: { entries: HistoryEntry[]; isNew: (e: HistoryEntry) => boolean }) {
  return (
    <ul className={classes.cards} aria-label="Events">
      {entries.map((entry) => (
        <li key={entry.id} data-entry={entry.id}>
          <Link href={entryPath(entry)} className={`${classes.card} ${isNew(entry) ? classes.new : ''}`}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Text fw={600} c="var(--mantine-color-anchor)">
                {entry.number}
              </Text>
              <OutcomeBadge outcome={entry.outcome} {...outcomeOf(entry)} />
            </Group>
            {entry.title && (
              <Text size="sm" lineClamp={1}>
                {entry.title}
              </Text>
            )}
            {entry.message && (
              <Text size="sm" c="dimmed" lineClamp={2} className="break" mt={2}>
                {entry.message}
              </Text>
            )}
            <Group justify="space-between" gap="xs" mt={6}>
              <Group gap={6}>
                <TypeName type={entry.type} undo={entry.cause === 'UNDO'} size="xs" more={entry.workflow_name} />
                <SourceMark source={entry.source} />
              </Group>
              <Text size="xs" c="dimmed" className="tabular">
                {entry.duration_ms > 0 && `${duration(entry.duration_ms)} · `}
                <When at={entry.at} />
              </Text>
            </Group>
          </Link>
        </li>
      ))}
    </ul>
  );
}
