import {
  Badge,
  Button,
  Card,
  Chip,
  Group,
  Input,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { Failure } from '../../components/Failure';
import { UnsavedGuard } from '../../components/UnsavedGuard';
import { Holidays } from './Holidays';
import { clock, days, dayWords, holidayOn, hoursMistakes, isOpen, type Settings, sorted } from './hours';
import { settingsQuery, useSaveSettings } from './queries';
import classes from './Settings.module.css';

/** The time zone, and when the service desk works. */
export function WorkingHours() {
  const settings = useQuery(settingsQuery);
  if (settings.isPending) {
    return (
      <Card role="status" aria-label="Loading">
        <Stack>
          <Skeleton height={36} maw={340} />
          <Skeleton height={36} maw={460} />
          <Skeleton height={36} maw={260} />
        </Stack>
      </Card>
    );
  }
  if (!settings.data) {
    return (
      <Failure
        title="The settings could not be loaded"
        error={settings.error}
        onRetry={() => void settings.refetch()}
        retrying={settings.isFetching}
      />
    );
  }
  return <Form saved={sorted(settings.data)} />;
}

function zones(current: string): string[] {
  const all = Intl.supportedValuesOf('timeZone');
  return all.includes(current) ? ['UTC', ...all.filter((z) => z !== 'UTC')] : [current, ...all];
}

function Form({ saved }: { saved: Settings }) {
  const save = useSaveSettings();
  const [edited, setEdited] = useState<Settings>(saved);
  const [asked, setAsked] = useState(false);
  const data = useMemo(() => [...new Set(zones(saved.time_zone))], [saved.time_zone]);
  const change = (part: Partial<Settings>) => {
    setEdited((s) => ({ ...s, ...part }));
    if (save.isError) save.reset();
  };
  const dirty = JSON.stringify(edited) !== JSON.stringify(saved);
  const mistakes = hoursMistakes(edited);
  const shown = asked ? mistakes : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (Object.keys(mistakes).length > 0) return;
    save.mutate(edited, {
      onSuccess: (fresh) => {
        setEdited(sorted(fresh));
        setAsked(false);
        notifications.show({ color: 'green', title: 'Saved', message: 'They hold for all workflows from now on.' });
      },
    });
  };

  return (
    <Card component="form" onSubmit={submit} noValidate>
      <Title order={2}>Time zone and business hours</Title>
      <Text c="dimmed" size="sm" mb="lg" maw={640}>
        For workflows that run only inside or outside business hours, for waits until they begin and for working time,
        and for schedules and conditions about times and days.
      </Text>
      <div className={classes.hours}>
        <Select
          label="Time zone"
          data={data}
          value={edited.time_zone}
          onChange={(zone) => zone && change({ time_zone: zone })}
          searchable
          allowDeselect={false}
          nothingFoundMessage="No such time zone"
          maw={340}
        />
        <Input.Wrapper label="Business days" labelElement="div" error={shown.days}>
          <Chip.Group
            multiple
            value={edited.business_days}
            onChange={(d) => change(sorted({ ...edited, business_days: d }))}
          >
            <fieldset className={classes.days} aria-label="Business days">
              {days.map((d) => (
                <Chip key={d.value} value={d.value} radius="md" aria-label={d.name}>
                  {d.label}
                </Chip>
              ))}
            </fieldset>
          </Chip.Group>
        </Input.Wrapper>
        <div>
          <Group gap="sm" align="flex-end">
            <TextInput
              label="Opens at"
              type="time"
              value={edited.opens_at}
              onChange={(event) => change({ opens_at: event.currentTarget.value })}
              error={Boolean(shown.hours)}
              w={140}
            />
            <TextInput
              label="Closes at"
              type="time"
              value={edited.closes_at}
              onChange={(event) => change({ closes_at: event.currentTarget.value })}
              error={Boolean(shown.hours)}
              w={140}
            />
          </Group>
          {shown.hours && <Input.Error mt={6}>{shown.hours}</Input.Error>}
        </div>
        <Holidays
          holidays={edited.holidays}
          today={clock(edited.time_zone, Date.now())?.date ?? new Date().toISOString().slice(0, 10)}
          onChange={(holidays) => change({ holidays })}
          error={shown.holidays}
        />
        <Now settings={edited} />
      </div>
      {save.isError && (
        <div style={{ marginTop: 16 }}>
          <Failure title="The settings were not saved" error={save.error} />
        </div>
      )}
      <Group gap="xs" mt="lg">
        <Button type="submit" loading={save.isPending} disabled={!dirty}>
          Save settings
        </Button>
        {dirty && (
          <>
            <Button
              variant="subtle"
              color="gray"
              onClick={() => {
                setEdited(saved);
                setAsked(false);
                save.reset();
              }}
            >
              Discard changes
            </Button>
            <Text size="sm" c="dimmed">
              Unsaved changes
            </Text>
          </>
        )}
      </Group>
      <UnsavedGuard active={dirty} what="Your changes to the business hours are not saved." />
    </Card>
  );
}

/** What the settings mean at this moment: the surest way to see that they are right. */
function Now({ settings }: { settings: Settings }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const c = clock(settings.time_zone, now);
  if (!c || Object.keys(hoursMistakes(settings)).length > 0) return null;
  const open = isOpen(settings, now);
  const day = days.find((d) => d.value === c.day)?.name ?? c.day;
  const holiday = holidayOn(settings, c.date);
  return (
    <div className={classes.now} role="status">
      <Badge color={open ? 'green' : 'gray'}>{open ? 'Inside business hours' : 'Outside business hours'}</Badge>
      <Text size="sm">
        It is {day}, {c.time} there{holiday && `, ${holiday.name || 'a holiday'}`}. Open{' '}
        {dayWords(settings.business_days)}, {settings.opens_at} to {settings.closes_at}.
      </Text>
    </div>
  );
}
