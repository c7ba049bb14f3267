import { ActionIcon, Button, Chip, Group, Select, TagsInput, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { focusNew } from '../../../components/focusNew';
import { weekdays } from '../../../words/action';
import { useRecords } from '../choices';
import { placeId, useProblem } from '../editing';
import { NamePicker } from '../pickers';
import { Insertable } from '../Template';
import classes from './actions.module.css';
import { type FormProps, optional, textOf } from './form';

interface Shift {
  name: string;
  days: string[];
  from: string;
  to: string;
  technicians: string[];
}

const strategies = [
  { value: 'NAMED', label: 'The technician named here' },
  { value: 'LEAST_OPEN', label: 'Whoever of the group has the fewest open tickets' },
  { value: 'ROUND_ROBIN', label: 'The members of the group in turn' },
  { value: 'ON_SHIFT', label: 'Whoever is on shift now' },
];

export function Assign({ config, set, path }: FormProps) {
  const strategy = textOf(config, 'strategy') || 'NAMED';
  const [group, technician] = [textOf(config, 'group'), textOf(config, 'technician')];
  const strategyProblem = useProblem(`${path}.strategy`);
  const groupProblem = useProblem(`${path}.group`);
  const technicianProblem = useProblem(`${path}.technician`);
  return (
    <>
      <div className={classes.two}>
        <Insertable label="Group" onInsert={(text) => set({ group: text })}>
          <NamePicker
            label="Group"
            shown
            field="assignment_group"
            value={group}
            onChange={(name) => set({ group: optional(name) })}
            placeholder="Search by name"
            error={groupProblem}
            id={placeId(`${path}.group`)}
          />
        </Insertable>
        <Select
          label="Technician is chosen"
          data={strategies}
          value={strategy}
          onChange={(next) =>
            set({
              strategy: next === 'NAMED' ? undefined : next,
              technician: next === 'NAMED' ? config.technician : undefined,
              shifts: next === 'ON_SHIFT' ? (config.shifts ?? [newShift(1)]) : undefined,
            })
          }
          allowDeselect={false}
          error={strategyProblem}
          id={placeId(`${path}.strategy`)}
        />
        {strategy === 'NAMED' && (
          <Insertable label="Technician" onInsert={(text) => set({ technician: text })}>
            <NamePicker
              label="Technician"
              shown
              field="assigned_to"
              value={technician}
              onChange={(name) => set({ technician: optional(name) })}
              placeholder="Nobody: the group alone"
              error={technicianProblem}
              id={placeId(`${path}.technician`)}
            />
          </Insertable>
        )}
      </div>
      {strategy === 'ON_SHIFT' && (
        <Shifts
          shifts={(config.shifts as Shift[] | undefined) ?? []}
          onChange={(shifts) => set({ shifts })}
          path={`${path}.shifts`}
        />
      )}
    </>
  );
}

const newShift = (n: number): Shift => ({
  name: `Shift ${n}`,
  days: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  from: '08:00',
  to: '16:00',
  technicians: [],
});

function Shifts({ shifts, onChange, path }: { shifts: Shift[]; onChange: (shifts: Shift[]) => void; path: string }) {
  const problem = useProblem(path, ['[']);
  return (
    <div className={classes.shifts} id={placeId(path)}>
      <Text size="sm" fw={500}>
        Shifts
      </Text>
      {shifts.map((shift, i) => (
        <ShiftForm
          // biome-ignore lint/suspicious/noArrayIndexKey: all of its inputs are controlled
          key={i}
          shift={shift}
          number={i + 1}
          onChange={(next) => onChange(shifts.map((s, at) => (at === i ? next : s)))}
          onRemove={() => onChange(shifts.filter((_, at) => at !== i))}
          path={`${path}[${i}]`}
        />
      ))}
      {problem && <p className={classes.problem}>{problem}</p>}
      <Button
        size="compact-sm"
        variant="light"
        leftSection={<IconPlus size={14} />}
        onClick={() => {
          onChange([...shifts, newShift(shifts.length + 1)]);
          focusNew(() => document.getElementById(placeId(`${path}[${shifts.length}]`)));
        }}
        style={{ justifySelf: 'start' }}
      >
        Add shift
      </Button>
    </div>
  );
}

function ShiftForm({
  shift,
  number,
  onChange,
  onRemove,
  path,
}: {
  shift: Shift;
  number: number;
  onChange: (shift: Shift) => void;
  onRemove: () => void;
  path: string;
}) {
  const label = `Shift ${number}`;
  const problem = useProblem(path);
  const [search, setSearch] = useState('');
  const [q] = useDebouncedValue(search, 200);
  const found = useRecords('assigned_to', q);
  const names = [...new Set((found.data ?? []).map((c) => c.label))];
  return (
    <fieldset className={classes.shift} aria-label={label} id={placeId(path)}>
      <div className={classes.shiftRow}>
        <TextInput
          label="Shift name"
          value={shift.name ?? ''}
          onChange={(event) => onChange({ ...shift, name: event.currentTarget.value })}
        />
        <TextInput
          label="From"
          type="time"
          value={shift.from ?? ''}
          onChange={(event) => onChange({ ...shift, from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="time"
          value={shift.to ?? ''}
          onChange={(event) => onChange({ ...shift, to: event.currentTarget.value })}
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Delete ${label.toLowerCase()}`}
          onClick={onRemove}
          mt={26}
        >
          <IconX size={16} />
        </ActionIcon>
      </div>
      <Chip.Group
        multiple
        value={shift.days ?? []}
        onChange={(days) => onChange({ ...shift, days: weekdays.map((d) => d.value).filter((d) => days.includes(d)) })}
      >
        <Group gap={6} role="group" aria-label={`Days of ${label.toLowerCase()}`}>
          {weekdays.map((d) => (
            <Chip key={d.value} value={d.value} size="xs" radius="sm">
              {d.short}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <TagsInput
        label="Technicians"
        data={names}
        value={shift.technicians ?? []}
        onChange={(technicians) => onChange({ ...shift, technicians })}
        searchValue={search}
        onSearchChange={setSearch}
        placeholder={shift.technicians?.length ? undefined : 'Search by name'}
        acceptValueOnBlur={false}
      />
      {problem && <p className={classes.problem}>{problem}</p>}
    </fieldset>
  );
}
