import { ActionIcon, Button, FileButton, Group, Input, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconCalendarDown, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { type Holiday, isDate } from './hours';
import { holidaysOf } from './ics';
import classes from './Settings.module.css';

interface Props {
  holidays: Holiday[];
  today: string;
  onChange: (holidays: Holiday[]) => void;
  error?: string;
}

/** The year that a day of each year is entered with; it has a 29 February. */
const anyYear = '2000-';

/** The days without business hours. */
export function Holidays({ holidays, today, onChange, error }: Props) {
  const [read, setRead] = useState('');
  const set = (at: number, holiday: Holiday) => onChange(holidays.map((h, i) => (i === at ? holiday : h)));
  const take = async (file: File | null) => {
    if (!file) return;
    const all = holidaysOf(await file.text(), today);
    const fresh = all.filter((h) => !holidays.some((known) => known.date === h.date));
    if (fresh.length > 0) onChange([...holidays, ...fresh]);
    setRead(
      all.length === 0
        ? `${file.name} has no whole days that are still to come.`
        : `${fresh.length} of ${all.length} days of ${file.name} were added; the others were there.`,
    );
  };
  return (
    <Input.Wrapper label="Holidays" labelElement="div" error={error} description="Days without business hours">
      <Stack gap="xs" mt={6} role="group" aria-label="Holidays">
        {holidays.map((h, i) => {
          const yearly = h.date.length === 5;
          const name = h.name || h.date || `holiday ${i + 1}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no identity of their own
            <Group key={i} gap="xs" wrap="nowrap" className={classes.holiday}>
              <TextInput
                aria-label={`Day of ${name}`}
                type="date"
                value={yearly ? anyYear + h.date : h.date}
                onChange={(event) => {
                  const day = event.currentTarget.value;
                  set(i, { ...h, date: yearly ? day.slice(5) : day });
                }}
                error={error !== undefined && !isDate(h.date)}
                w={150}
              />
              <Select
                aria-label={`How often ${name} is`}
                data={[
                  { value: 'once', label: 'In this year' },
                  { value: 'yearly', label: 'Each year' },
                ]}
                value={yearly ? 'yearly' : 'once'}
                onChange={(how) => {
                  const day = h.date.slice(-5);
                  if (how) set(i, { ...h, date: how === 'yearly' ? day : day && `${today.slice(0, 4)}-${day}` });
                }}
                allowDeselect={false}
                w={130}
              />
              <TextInput
                aria-label={`Name of ${name}`}
                placeholder="Name"
                value={h.name ?? ''}
                onChange={(event) => set(i, { ...h, name: event.currentTarget.value || undefined })}
                maxLength={100}
                style={{ flex: 1 }}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${name}`}
                onClick={() => onChange(holidays.filter((_, at) => at !== i))}
              >
                <IconTrash size={16} aria-hidden="true" />
              </ActionIcon>
            </Group>
          );
        })}
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => onChange([...holidays, { date: today }])}
          >
            Add holiday
          </Button>
          <FileButton onChange={(file) => void take(file)} accept=".ics,text/calendar">
            {(props) => (
              <Button
                {...props}
                variant="default"
                size="xs"
                leftSection={<IconCalendarDown size={14} aria-hidden="true" />}
              >
                Read a calendar file (.ics)
              </Button>
            )}
          </FileButton>
        </Group>
        {read && (
          <Text size="sm" c="dimmed" role="status">
            {read}
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
