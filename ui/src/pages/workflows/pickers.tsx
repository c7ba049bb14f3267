import { Autocomplete, type ComboboxItem, Input, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { useDebouncedValue, useId } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { parseSpan, relativeTimes, type SpanUnit, spanUnits } from '../../words/values';
import { type Entry, entryOf, grouped } from './catalogue';
import { flat, optionsOf, useChoices, useNames, useRecords, useRemember } from './choices';
import { useEditing } from './editing';
import classes from './pickers.module.css';

/** What all pickers take. `label` names the control; it is seen only with `shown`. */
export interface Labelled {
  label: string;
  shown?: boolean;
  error?: string;
  id?: string;
  description?: string;
}

function named({ label, shown, error, id, description }: Labelled) {
  return shown ? { label, error, id, description } : { 'aria-label': label, error, id, description };
}

/** Picks a field, by typing a part of its name. */
export function FieldPicker({
  value,
  onChange,
  only,
  extra,
  placeholder = 'Field',
  clearable,
  ...rest
}: Labelled & {
  value: string;
  onChange: (name: string) => void;
  only?: (entry: Entry) => boolean;
  extra?: Entry[];
  placeholder?: string;
  clearable?: boolean;
}) {
  const { fields } = useEditing();
  const data = useMemo(() => {
    const all = [...fields.values(), ...(extra ?? [])];
    const offered = only ? all.filter(only) : all;
    if (value && !offered.some((e) => e.name === value)) offered.push(entryOf(fields, value));
    return grouped(offered);
  }, [fields, extra, only, value]);
  return (
    <Select
      {...named(rest)}
      data={data}
      value={value || null}
      onChange={(name) => onChange(name ?? '')}
      searchable
      clearable={clearable}
      allowDeselect={false}
      placeholder={placeholder}
      nothingFoundMessage="No such field"
      maxDropdownHeight={320}
      selectFirstOptionOnChange
    />
  );
}

const unfiltered = ({ options }: { options: unknown[] }) => options as ComboboxItem[];

export function ChoicePicker({
  field,
  value,
  onChange,
  raw,
  clearable,
  placeholder = 'Choose',
  extra = [],
  ...rest
}: Labelled & {
  field: string;
  value: string;
  onChange: (value: string) => void;
  /** The stored value alone, without its class. */
  raw?: boolean;
  clearable?: boolean;
  placeholder?: string;
  extra?: ComboboxItem[];
}) {
  const choices = useChoices(field);
  const known = extra.some((e) => e.value === value) ? [] : [value];
  const options = optionsOf(choices.data ?? [], known, raw);
  const data =
    extra.length === 0
      ? options
      : [
          { group: 'Any', items: extra },
          { group: 'Choices', items: flat(options) },
        ];
  return (
    <Select
      {...named(rest)}
      data={data}
      value={value || null}
      onChange={(v) => onChange(v ?? '')}
      searchable
      clearable={clearable}
      allowDeselect={false}
      placeholder={choices.isPending ? 'Loading …' : placeholder}
      nothingFoundMessage={nothing(choices.isError)}
      maxDropdownHeight={300}
    />
  );
}

export function ChoicesPicker({
  field,
  value,
  onChange,
  ...rest
}: Labelled & { field: string; value: string[]; onChange: (value: string[]) => void }) {
  const choices = useChoices(field);
  return (
    <MultiSelect
      {...named(rest)}
      data={optionsOf(choices.data ?? [], value)}
      value={value}
      onChange={onChange}
      searchable
      hidePickedOptions
      placeholder={value.length ? undefined : choices.isPending ? 'Loading …' : 'Choose one or more'}
      nothingFoundMessage={nothing(choices.isError)}
      maxDropdownHeight={300}
    />
  );
}

const nothing = (failed: boolean) => (failed ? 'The choices could not be loaded' : 'No such choice');

/** Records of a reference field: found by name, kept by id. */
export function RecordsPicker({
  field,
  value,
  onChange,
  ...rest
}: Labelled & { field: string; value: string[]; onChange: (ids: string[]) => void }) {
  const [search, setSearch] = useState('');
  const [q] = useDebouncedValue(search, 200);
  const found = useRecords(field, q);
  const names = useNames(field, value);
  const remember = useRemember(field);
  const offered = (found.data ?? []).filter((c) => !value.includes(c.value));
  const data = [
    ...value.map((id, i) => ({ value: id, label: names[i] || '…' })),
    ...offered.map((c) => ({ value: c.value, label: c.label })),
  ];
  return (
    <MultiSelect
      {...named(rest)}
      data={data}
      value={value}
      onChange={(ids) => {
        for (const c of offered) if (ids.includes(c.value)) remember(c);
        setSearch('');
        onChange(ids);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={unfiltered}
      hidePickedOptions
      placeholder={value.length ? undefined : 'Search by name'}
      nothingFoundMessage={
        found.isFetching ? 'Searching …' : found.isError ? 'The search failed' : 'Nobody and nothing of that name'
      }
      maxDropdownHeight={300}
    />
  );
}

export function RecordPicker({
  field,
  value,
  onChange,
  clearable,
  placeholder = 'Search by name',
  extra = [],
  ...rest
}: Labelled & {
  field: string;
  value: string;
  onChange: (id: string) => void;
  clearable?: boolean;
  placeholder?: string;
  extra?: ComboboxItem[];
}) {
  const isExtra = extra.some((e) => e.value === value);
  const [name = ''] = useNames(field, value && !isExtra ? [value] : []);
  const [search, setSearch] = useState('');
  const [q] = useDebouncedValue(search === name ? '' : search, 200);
  const found = useRecords(field, extra.some((e) => e.label === q) ? '' : q);
  const remember = useRemember(field);
  const data = (found.data ?? []).map((c) => ({ value: c.value, label: c.label }));
  // What is shown for a value does not follow a name that comes later: until then nothing is.
  const known = isExtra || data.some((c) => c.value === value);
  if (value && !known && name) data.unshift({ value, label: name });
  const waiting = value !== '' && !known && !name;
  return (
    <Select
      {...named(rest)}
      data={[...extra, ...data] as ComboboxItem[]}
      value={waiting ? null : value || null}
      onChange={(id) => {
        const chosen = data.find((c) => c.value === id);
        if (chosen) remember(chosen);
        onChange(id ?? '');
      }}
      searchable
      onSearchChange={setSearch}
      filter={unfiltered}
      clearable={clearable}
      allowDeselect={false}
      placeholder={waiting ? '…' : placeholder}
      nothingFoundMessage={
        found.isFetching ? 'Searching …' : found.isError ? 'The search failed' : 'Nobody and nothing of that name'
      }
      maxDropdownHeight={300}
    />
  );
}

/** A name that may also be a template: suggested from the records of a field, free to type. */
export function NamePicker({
  field,
  value,
  onChange,
  placeholder,
  ...rest
}: Labelled & { field: string; value: string; onChange: (name: string) => void; placeholder?: string }) {
  const template = value.includes('{{');
  const [q] = useDebouncedValue(template ? '' : value, 200);
  const found = useRecords(field, q);
  const names = [...new Set((found.data ?? []).map((c) => c.label))];
  return (
    <Autocomplete
      {...named(rest)}
      data={template ? [] : names}
      value={value}
      onChange={onChange}
      placeholder={placeholder}
      filter={unfiltered}
      maxDropdownHeight={260}
    />
  );
}

/** A number with a unit beside it, under one label. */
function Measure({
  labelled: { label, shown, error, id, description },
  number,
  unit,
  units,
  onNumber,
  onUnit,
  placeholder,
  decimals,
}: {
  labelled: Labelled;
  number: number | '';
  unit: string;
  units: ComboboxItem[];
  onNumber: (n: number | '') => void;
  onUnit: (unit: string) => void;
  placeholder: string;
  decimals: number;
}) {
  const own = useId();
  const input = id ?? own;
  return (
    <Input.Wrapper
      label={shown ? label : undefined}
      error={error}
      description={description}
      labelProps={{ htmlFor: input }}
      className={classes.measure}
    >
      <div className={classes.parts}>
        <NumberInput
          id={input}
          aria-label={shown ? undefined : label}
          value={number}
          onChange={(n) => onNumber(n === '' ? '' : Number(n))}
          min={0}
          allowNegative={false}
          decimalScale={decimals}
          placeholder={placeholder}
          error={Boolean(error)}
        />
        <Select
          aria-label={`${label}, unit`}
          data={units}
          value={unit}
          onChange={(u) => u && onUnit(u)}
          allowDeselect={false}
        />
      </div>
    </Input.Wrapper>
  );
}

export function SpanInput({
  value,
  onChange,
  ...rest
}: Labelled & { value: string; onChange: (span: string) => void }) {
  const { count, unit } = parseSpan(value);
  const [chosen, setChosen] = useState<SpanUnit>(unit);
  const now = count === '' ? chosen : unit;
  return (
    <Measure
      labelled={rest}
      number={count}
      unit={now}
      units={Object.entries(spanUnits).map(([u, label]) => ({ value: u, label }))}
      onNumber={(n) => onChange(n === '' ? '' : `${n}${now}`)}
      onUnit={(u) => {
        setChosen(u as SpanUnit);
        if (count !== '') onChange(`${count}${u}`);
      }}
      placeholder="0"
      decimals={1}
    />
  );
}

type Size = [unit: string, label: string, size: number];

const minuteSizes: Size[] = [
  ['m', 'minutes', 1],
  ['h', 'hours', 60],
  ['d', 'days', 1440],
];

const secondSizes: Size[] = [['s', 'seconds', 1], ...minuteSizes.map(([u, l, n]): Size => [u, l, n * 60])];

/** A length of time that is kept as a number of minutes (or seconds). 0 is none. */
export function DurationInput({
  value,
  onChange,
  seconds,
  working,
  ...rest
}: Labelled & { value: number; onChange: (n: number) => void; seconds?: boolean; working?: boolean }) {
  // A working day has no length of its own.
  const sizes = seconds ? secondSizes : working ? minuteSizes.filter(([u]) => u !== 'd') : minuteSizes;
  const largest = value ? sizes.findLast(([, , size]) => value % size === 0) : undefined;
  const [chosen, setChosen] = useState(largest?.[0] ?? (seconds ? 'm' : 'h'));
  // A unit that was chosen stays, as long as the number can be told in it.
  const held = sizes.find(([u]) => u === chosen);
  const [unit, , size] = held && value % held[2] === 0 ? held : (largest ?? ['m', 'minutes', 1]);
  return (
    <Measure
      labelled={rest}
      number={value ? value / size : ''}
      unit={unit}
      units={sizes.map(([u, label]) => ({ value: u, label }))}
      onNumber={(n) => onChange(Math.round(Number(n || 0) * size))}
      onUnit={(u) => {
        const next = sizes.find(([name]) => name === u);
        if (!next) return;
        setChosen(u);
        if (value) onChange(Math.round((value / size) * next[2]));
      }}
      placeholder="none"
      decimals={0}
    />
  );
}

type Moment = 'at' | 'day' | 'now' | 'today' | 'tomorrow' | 'yesterday';

const moments: { value: Moment; label: string }[] = [
  { value: 'now', label: 'Now' },
  { value: 'today', label: 'Today' },
  { value: 'tomorrow', label: 'Tomorrow' },
  { value: 'yesterday', label: 'Yesterday' },
  { value: 'day', label: 'On a day' },
  { value: 'at', label: 'At a time' },
];

/** Which of them a rule's value is. */
function momentOf(value: string): Moment | undefined {
  if (relativeTimes.has(value)) return value as Moment;
  if (value === '') return undefined;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? 'day' : 'at';
}

/** The instant that a stored time is: without a time zone it is in UTC. Invalid for what is no such time. */
function instantOf(value: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value);
}

/** A time that a rule compares with: a moment, a day, or one that is told by its place to now. */
export function MomentInput({
  value,
  onChange,
  dayOnly,
  ...rest
}: Labelled & { value: string; onChange: (at: string) => void; dayOnly?: boolean }) {
  const [chosen, setChosen] = useState<Moment>(momentOf(value) ?? (dayOnly ? 'day' : 'at'));
  const kind = momentOf(value) ?? chosen;
  const at = instantOf(value);
  const unreadable = kind === 'at' && value !== '' && Number.isNaN(at.getTime());
  const pick = (next: Moment) => {
    setChosen(next);
    if (relativeTimes.has(next)) onChange(next);
    else if (next !== kind) onChange('');
  };
  return (
    <div className={classes.moment} data-alone={relativeTimes.has(kind) || undefined}>
      <Select
        aria-label={`${rest.label}, kind of time`}
        data={moments}
        value={kind}
        onChange={(m) => m && pick(m as Moment)}
        allowDeselect={false}
        comboboxProps={{ width: 140, position: 'bottom-start' }}
      />
      {unreadable && (
        // Such as 24.12.2026: as somebody wrote it in a file.
        <TextInput {...named(rest)} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
      {kind === 'at' && !unreadable && (
        <TextInput
          {...named(rest)}
          type="datetime-local"
          value={value ? new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : ''}
          onChange={(event) => {
            const entered = new Date(event.currentTarget.value);
            onChange(Number.isNaN(entered.getTime()) ? '' : entered.toISOString().replace('.000Z', 'Z'));
          }}
        />
      )}
      {kind === 'day' && (
        <TextInput
          {...named(rest)}
          type="date"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {relativeTimes.has(kind) && rest.error && <Input.Error>{rest.error}</Input.Error>}
    </div>
  );
}
