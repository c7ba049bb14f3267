import { Anchor, Group, RingProgress, Skeleton, Text, Title } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Empty } from '../../../components/Empty';
import { Failure } from '../../../components/Failure';
import { When } from '../../../components/When';
import { percent } from '../../../words/outcome';
import { shadowQuery } from './queries';
import classes from './Trying.module.css';
import { WouldTable } from './WouldTable';

/** How often technicians did what the workflow, in shadow mode, would have done. */
export function ShadowPanel({ id }: { id: string }) {
  const shadow = useQuery(shadowQuery(id));
  return (
    <section className={classes.panel} aria-label="Shadow mode">
      {shadow.isPending ? (
        <div role="status" aria-label="Loading">
          <Skeleton height={100} radius="lg" mb="md" />
          <Skeleton height={120} radius="lg" />
        </div>
      ) : !shadow.data ? (
        <Failure
          title="What shadow mode found could not be loaded"
          error={shadow.error}
          onRetry={() => void shadow.refetch()}
          retrying={shadow.isFetching}
        />
      ) : shadow.data.cases + shadow.data.open === 0 ? (
        <Empty icon={<IconEye size={26} stroke={1.6} />} title="No cases yet">
          In shadow mode the workflow records what it would do and does nothing. As soon as tickets match, this shows
          how often technicians then did the same.
        </Empty>
      ) : (
        <div className={classes.stack}>
          <div className={`${classes.box} ${classes.share}`}>
            <RingProgress
              size={76}
              thickness={8}
              roundCaps
              sections={[{ value: (shadow.data.share ?? 0) * 100, color: 'petrol' }]}
              aria-hidden="true"
            />
            <div>
              <Text fz={26} fw={620} lh={1.2} className="tabular">
                {percent(shadow.data.share)}
              </Text>
              <Text size="sm" c="dimmed">
                Technicians did the same in {shadow.data.agreed} of {shadow.data.cases}{' '}
                {shadow.data.cases === 1 ? 'case' : 'cases'}.
                {shadow.data.open > 0 &&
                  ` ${shadow.data.open} more ${shadow.data.open === 1 ? 'waits' : 'wait'}: nobody has changed ${shadow.data.open === 1 ? 'that ticket' : 'those tickets'} yet.`}
              </Text>
            </div>
          </div>
          <div>
            <Title order={3} mb="xs">
              Recent cases
            </Title>
            <ul className={classes.cases} aria-label="Recent cases">
              {shadow.data.recent.map((c) => (
                <li key={c.run_id ?? c.number} className={`${classes.box} ${classes.case}`}>
                  <Group justify="space-between" gap="xs">
                    <Text size="sm" className="break">
                      <Anchor component={Link} href={`/runs/${c.run_id}`} inherit fw={600}>
                        {c.number}
                      </Anchor>{' '}
                      {c.title}
                    </Text>
                    <Text size="xs" c="dimmed">
                      <When at={c.at} />
                    </Text>
                  </Group>
                  {c.changes.length > 0 ? (
                    <WouldTable changes={c.changes} label={`${c.number}: would be and became`} />
                  ) : (
                    <Text size="sm" c="dimmed">
                      No field would have changed.
                    </Text>
                  )}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </section>
  );
}
