import { Button, Group, Progress, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Health } from '../../api/client';
import { Problem } from '../../api/problem';
import { When } from '../../components/When';
import { duration } from '../../words/time';
import { MAX_BACKFILL_DAYS } from './BackfillDays';
import { Block } from './Block';
import { useBackfill } from './queries';

/** How far the reading of older tickets has come, and what can be done with it. */
export function Backfill({ id, backfill }: { id: string; backfill: Health['backfill'] }) {
  const control = useBackfill(id);
  const { state, done, total } = backfill;
  const under = state === 'RUNNING' || state === 'PAUSED';
  const act = (body: Parameters<typeof control.mutate>[0]) =>
    control.mutate(body, {
      onError: (error) => notifications.show({ color: 'red', title: 'Not done', message: Problem.from(error).message }),
    });
  return (
    <Block title="Older tickets">
      {under && (
        <Progress
          value={total > 0 ? Math.min(100, (100 * done) / total) : 0}
          animated={state === 'RUNNING'}
          color={state === 'PAUSED' ? 'gray' : undefined}
          aria-label="Older tickets read"
        />
      )}
      <Text size="sm" className="tabular">
        <Words backfill={backfill} />
      </Text>
      {backfill.error && (
        <Text size="sm" c="dimmed" className="break">
          The last page did not come; Neo tries again. {backfill.error}
        </Text>
      )}
      {under && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={state === 'RUNNING' ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
            loading={control.isPending}
            onClick={() => act({ action: state === 'RUNNING' ? 'pause' : 'resume' })}
            aria-label={state === 'RUNNING' ? 'Pause reading older tickets' : 'Resume reading older tickets'}
          >
            {state === 'RUNNING' ? 'Pause' : 'Resume'}
          </Button>
        </Group>
      )}
      {state !== 'RUNNING' && (
        <StartAgain
          days={backfill.days}
          label={state === 'NONE' ? 'Read' : state === 'PAUSED' ? 'Start over' : 'Read again'}
          loading={control.isPending}
          onStart={(days) => act({ action: 'start', days })}
        />
      )}
    </Block>
  );
}

function Words({ backfill }: { backfill: Health['backfill'] }) {
  const { state, done, total, days, per_second: rate, seconds_left: left } = backfill;
  const read = done.toLocaleString();
  const of = total > 0 ? `${read} of ${total.toLocaleString()} tickets` : `${read} tickets`;
  switch (state) {
    case 'RUNNING':
      return (
        <>
          {of} of the last {days} days
          {rate > 0 && `; ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`}
          {left !== null && `, ${left < 1 ? 'nearly done' : `${duration(left * 1000)} left`}`}
        </>
      );
    case 'PAUSED':
      return `${of} of the last ${days} days; paused`;
    case 'DONE':
      return (
        <>
          {read} {done === 1 ? 'ticket' : 'tickets'} of the last {days} days were read
          {backfill.finished_at && (
            <>
              , <When at={backfill.finished_at} />
            </>
          )}
        </>
      );
    default:
      return 'None were read. Neo knows the tickets that have changed since it was connected.';
  }
}

function StartAgain({
  days: before,
  label,
  loading,
  onStart,
}: {
  days: number;
  label: string;
  loading: boolean;
  onStart: (days: number) => void;
}) {
  const [days, setDays] = useState(String(before || 90));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onStart(Number(days));
  };
  return (
    <form onSubmit={submit} aria-label="Read older tickets">
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Days back"
          type="number"
          inputMode="numeric"
          size="xs"
          w={96}
          min={1}
          max={MAX_BACKFILL_DAYS}
          step={1}
          required
          withAsterisk={false}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" loading={loading}>
          {label}
        </Button>
      </Group>
    </form>
  );
}
