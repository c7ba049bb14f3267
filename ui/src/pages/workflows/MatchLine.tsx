import { Anchor, Collapse, Loader, Text } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import type { Definition } from '../../api/client';
import { Problem } from '../../api/problem';
import classes from './MatchLine.module.css';
import { countQuery } from './queries';

/**
 * How many of the newest tickets the rules match as they are now, while the rules are typed. A backtest counts another
 * thing, and says so: past changes that would have started the workflow.
 */
export const MatchLine = memo(function MatchLine({ definition }: { definition: Definition }) {
  const [settled] = useDebouncedValue(definition, 500);
  const rules = JSON.stringify(settled.conditions ?? null);
  const count = useQuery({ ...countQuery(settled, rules), placeholderData: keepPreviousData });
  const [opened, { toggle }] = useDisclosure(false);
  const stale = count.isPlaceholderData || rules !== JSON.stringify(definition.conditions ?? null);

  if (count.isError && !count.isFetching) {
    const unfinished = Problem.from(count.error).status === 400;
    return (
      <div className={classes.root} role="status" aria-label="Tickets that match">
        <Text size="sm" c="dimmed">
          {unfinished
            ? 'Once the rules are complete, Neo tells here how many tickets match.'
            : `How many tickets match is not known: ${Problem.from(count.error).message}`}
        </Text>
      </div>
    );
  }
  if (!count.data) {
    return (
      <div className={classes.root} role="status" aria-label="Tickets that match">
        <Loader size={14} color="gray" />
        <Text size="sm" c="dimmed">
          Counting the tickets that match …
        </Text>
      </div>
    );
  }
  const { matched, of, tickets, past_only: pastOnly } = count.data;
  if (pastOnly) {
    return (
      <div className={classes.root} role="status" aria-label="Tickets that match">
        <Text size="sm" c="dimmed">
          These rules look at what a change did, so Neo cannot count them on tickets as they are now. A backtest shows
          which past changes match.
        </Text>
      </div>
    );
  }
  const share = of > 0 ? matched / of : 0;
  return (
    <div className={classes.root} data-stale={stale || undefined}>
      <div className={classes.line}>
        <div className={classes.bar} aria-hidden="true">
          <div style={{ width: `${matched > 0 ? Math.max(2, share * 100) : 0}%` }} />
        </div>
        <Text size="sm" role="status" aria-label="Tickets that match">
          {of === 0 ? (
            'Neo knows no tickets yet to count.'
          ) : (
            <>
              As they are now, <strong className="tabular">{matched}</strong> of the{' '}
              <span className="tabular">{of}</span> newest tickets match these rules
            </>
          )}
        </Text>
        {tickets?.length > 0 && (
          <Anchor component="button" type="button" size="sm" onClick={toggle} aria-expanded={opened}>
            {opened ? 'Hide them' : 'Which?'}
          </Anchor>
        )}
        {stale && <Loader size={12} color="gray" />}
      </div>
      {tickets?.length > 0 && (
        <Collapse expanded={opened}>
          <ul className={classes.tickets}>
            {tickets.map((t) => (
              <li key={t.ticket.remote_id || t.number}>
                <span className="mono">{t.number}</span> {t.title}
              </li>
            ))}
            {matched > tickets.length && <li className={classes.more}>and {matched - tickets.length} more</li>}
          </ul>
        </Collapse>
      )}
    </div>
  );
});
