import { Chip, Group, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { IconCalendarClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { weekdays } from '../../words/action';
import { monthWeeks } from '../../words/workflow';
import { settingsQuery } from '../settings/queries';
import type { Schedule } from './definition';
import { placeId, useProblem } from './editing';
import { firingWords, nextFirings } from './firings';
import classes from './Trigger.module.css';

const units = [
  { value: 'MINUTES', label: 'Every so many minutes' },
  { value: 'HOURS', label: 'Every so many hours' },
  { value: 'DAY', label: 'Every day' },
  { value: 'WEEKDAYS', label: 'On weekdays' },
  { value: 'MONTH', label: 'Every month' },
  { value: 'CRON', label: 'By a cron expression' },
];

const workdays = ['MON', 'TUE', 'WED', 'THU', 'FRI'];

/** What a month's day is chosen by. */
const monthModes = [
  { value: 'day', label: 'On a day' },
  { value: '-1d', label: 'On the last day' },
  ...[1, 2, 3, 4, 5, -1].map((n) => ({ value: `${n}w`, label: `On the ${monthWeeks[n]} …` })),
];

/** When a scheduled workflow fires. */
export function ScheduleForm({ schedule, onChange }: { schedule: Schedule; onChange: (schedule: Schedule) => void }) {
  const set = (patch: Partial<Schedule>) => onChange({ ...schedule, ...patch });
  const settings = useQuery(settingsQuery);
  const tenantZone = settings.data?.time_zone ?? 'UTC';
  const countProblem = useProblem('schedule.count');
  const atProblem = useProblem('schedule.at');
  const daysProblem = useProblem('schedule.days');
  const cronProblem = useProblem('schedule.cron');
  const zoneProblem = useProblem('schedule.time_zone');
  const dayProblem = useProblem('schedule.day');
  const problem = useProblem('schedule', ['.count', '.at', '.days', '.day', '.cron', '.time_zone']);
  const { every } = schedule;
  const atClock = every === 'DAY' || every === 'WEEKDAYS' || every === 'MONTH';
  const monthMode = schedule.week ? `${schedule.week}w` : schedule.day === -1 ? '-1d' : 'day';
  const counted = every === 'MINUTES' || every === 'HOURS';
  return (
    <div className={classes.schedule} id={placeId('schedule')}>
      <div className={classes.fields}>
        <Select
          label="Repeat"
          data={units}
          value={every}
          onChange={(unit) => {
            if (!unit) return;
            const next = unit as Schedule['every'];
            set({
              every: next,
              count: next === 'MINUTES' ? 15 : 1,
              at: schedule.at || '08:00',
              cron: schedule.cron || '0 8 * * MON-FRI',
              ...(next === 'MONTH' ? { week: 1, day: undefined, days: ['MON'] } : { week: undefined, day: undefined }),
            });
          }}
          allowDeselect={false}
        />
        {counted && (
          <NumberInput
            label={every === 'MINUTES' ? 'Minutes between' : 'Hours between'}
            value={schedule.count ?? ''}
            onChange={(n) => set({ count: n === '' ? undefined : Number(n) })}
            min={1}
            allowDecimal={false}
            allowNegative={false}
            error={countProblem}
            id={placeId('schedule.count')}
          />
        )}
        {every === 'MONTH' && (
          <Select
            label="Day"
            data={monthModes}
            value={monthMode}
            onChange={(mode) => {
              if (!mode) return;
              if (mode === 'day') set({ day: 1, week: undefined, days: undefined });
              else if (mode === '-1d') set({ day: -1, week: undefined, days: undefined });
              else
                set({
                  day: undefined,
                  week: Number(mode.slice(0, -1)),
                  days: schedule.days?.length ? schedule.days : ['MON'],
                });
            }}
            allowDeselect={false}
          />
        )}
        {every === 'MONTH' && monthMode === 'day' && (
          <NumberInput
            label="Day of the month"
            value={schedule.day ?? ''}
            onChange={(n) => set({ day: n === '' ? undefined : Number(n) })}
            min={1}
            max={31}
            allowDecimal={false}
            allowNegative={false}
            error={dayProblem}
            id={placeId('schedule.day')}
          />
        )}
        {atClock && (
          <TextInput
            label="At"
            type="time"
            value={schedule.at ?? ''}
            onChange={(event) => set({ at: event.currentTarget.value })}
            error={atProblem}
            id={placeId('schedule.at')}
          />
        )}
        {every === 'CRON' && (
          <TextInput
            label="Cron expression"
            value={schedule.cron ?? ''}
            onChange={(event) => set({ cron: event.currentTarget.value })}
            placeholder="0 8 * * MON-FRI"
            error={cronProblem}
            id={placeId('schedule.cron')}
            classNames={{ input: 'mono' }}
            description="Minute, hour, day, month, weekday"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
          />
        )}
        {!counted && (
          <Zone
            value={schedule.time_zone ?? ''}
            tenant={tenantZone}
            onChange={(z) => set({ time_zone: z })}
            error={zoneProblem}
          />
        )}
      </div>
      {(every === 'WEEKDAYS' || (every === 'MONTH' && schedule.week)) && (
        <div id={placeId('schedule.days')}>
          <Text size="sm" fw={500} mb={4} id="schedule-days">
            Days
          </Text>
          <Chip.Group
            multiple
            value={schedule.days?.length || every === 'MONTH' ? (schedule.days ?? []) : workdays}
            onChange={(days) => {
              const sorted = weekdays.map((d) => d.value).filter((d) => days.includes(d));
              set({ days: every === 'WEEKDAYS' && sorted.join() === workdays.join() ? undefined : sorted });
            }}
          >
            <Group gap={6} role="group" aria-labelledby="schedule-days">
              {weekdays.map((d) => (
                <Chip key={d.value} value={d.value} size="xs" radius="sm">
                  {d.short}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {daysProblem && <p className={classes.problem}>{daysProblem}</p>}
        </div>
      )}
      <Hint schedule={schedule} zone={schedule.time_zone || tenantZone} />
      {problem && <p className={classes.problem}>{problem}</p>}
    </div>
  );
}

function Zone({
  value,
  tenant,
  onChange,
  error,
}: {
  value: string;
  tenant: string;
  onChange: (zone: string | undefined) => void;
  error?: string;
}) {
  const zones = useMemo(() => {
    const all = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
    return [...new Set(['UTC', ...all, ...(value ? [value] : [])])];
  }, [value]);
  return (
    <Select
      label="Time zone"
      data={zones}
      value={value || null}
      onChange={(zone) => onChange(zone ?? undefined)}
      searchable
      clearable
      placeholder={`Neo’s: ${tenant}`}
      limit={60}
      nothingFoundMessage="No such time zone"
      error={error}
      id={placeId('schedule.time_zone')}
    />
  );
}

/** The next firings. */
function Hint({ schedule, zone }: { schedule: Schedule; zone: string }) {
  const firings = nextFirings(schedule, zone, Date.now());
  if (firings.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" className={classes.hint} role="note" aria-label="Next firings">
      <IconCalendarClock size={16} aria-hidden="true" />
      <span>
        Next: {firings.map((at) => firingWords(at, zone)).join(' · ')} ({zone})
      </span>
    </Text>
  );
}
