import { MultiSelect, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { changeKinds, decisions, monthWeekdays, ticketTypes, weekdays } from '../../words/action';
import { joinRange, joinValues, splitRange, splitValues } from '../../words/values';
import { type Arity, arityOf, type Entry } from './catalogue';
import { ChoicePicker, ChoicesPicker, MomentInput, RecordPicker, RecordsPicker, SpanInput } from './pickers';
import classes from './Rules.module.css';

interface Props {
  entry: Entry;
  operator: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

/** How the value of a rule is entered: by what the field holds, and how many values the operator takes. */
export function RuleValue(props: Props) {
  const arity = arityOf(props.operator);
  if (arity === 'none') return null;
  if (arity === 'two') return <Range {...props} />;
  if (arity === 'many') return <Many {...props} />;
  return <One {...props} arity={arity} label={`Value for ${props.entry.label}`} />;
}

/** The fixed values of a kind; undefined when it has none. */
function fixed(entry: Entry): { value: string; label: string }[] | undefined {
  switch (entry.kind) {
    case 'class':
      return ticketTypes;
    case 'kinds':
      return changeKinds;
    case 'weekday':
      return weekdays;
    case 'monthweek':
      return monthWeekdays;
    case 'decision':
      return decisions;
    case 'flag':
    case 'boolean':
      return [
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ];
    default:
      return undefined;
  }
}

function withChosen(options: { value: string; label: string }[], chosen: string[]) {
  const missing = chosen.filter((v) => v && !options.some((o) => o.value === v));
  return [...options, ...missing.map((v) => ({ value: v, label: v }))];
}

function Many({ entry, operator, value, onChange, error }: Props) {
  const label = `Values for ${entry.label}`;
  const values = splitValues(value);
  const set = (list: string[]) => onChange(joinValues(list));
  const common = { label, error };
  const options = fixed(entry);
  if (options) {
    return (
      <MultiSelect
        aria-label={label}
        error={error}
        data={withChosen(options, values)}
        value={values}
        onChange={set}
        searchable
        hidePickedOptions
        placeholder={values.length ? undefined : 'Choose one or more'}
      />
    );
  }
  if (entry.kind === 'choice') return <ChoicesPicker {...common} field={entry.name} value={values} onChange={set} />;
  if (entry.kind === 'reference' && (operator === 'in' || operator === 'notIn')) {
    return <RecordsPicker {...common} field={entry.name} value={values} onChange={set} />;
  }
  return (
    <TagsInput
      aria-label={label}
      error={error}
      value={values}
      onChange={set}
      placeholder={values.length ? undefined : 'Type, then press Enter'}
      acceptValueOnBlur
    />
  );
}

/** Kinds that are whole numbers between two. */
const wholeBounds: Partial<Record<Entry['kind'], { min: number; max: number; allowDecimal: false }>> = {
  hour: { min: 0, max: 23, allowDecimal: false },
  monthday: { min: 1, max: 31, allowDecimal: false },
};

const byName = new Set(['contains', 'doesNotContain', 'beginsWith', 'endsWith', 'matches']);

function One({ entry, operator, value, onChange, error, arity, label }: Props & { arity: Arity; label: string }) {
  const common = { label, error, value, onChange };
  if (arity === 'span' || entry.kind === 'span' || entry.kind === 'duration') return <SpanInput {...common} />;
  const options = fixed(entry);
  if (options) {
    return (
      <Select
        aria-label={label}
        error={error}
        data={withChosen(options, [value])}
        value={value || null}
        onChange={(v) => onChange(v ?? '')}
        allowDeselect={false}
        searchable={options.length > 4}
        placeholder="Choose"
      />
    );
  }
  if (entry.kind === 'choice' && !byName.has(operator)) return <ChoicePicker {...common} field={entry.name} />;
  if (entry.kind === 'reference' && !byName.has(operator)) return <RecordPicker {...common} field={entry.name} />;
  if (entry.kind === 'time' || entry.kind === 'date') {
    return <MomentInput {...common} dayOnly={entry.kind === 'date'} />;
  }
  const bounds = wholeBounds[entry.kind];
  if (entry.kind === 'number' || bounds) {
    return (
      <NumberInput
        aria-label={label}
        error={error}
        value={value}
        onChange={(n) => onChange(String(n))}
        {...bounds}
        placeholder="0"
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      error={error}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      placeholder={placeholderOf(entry, operator)}
      className={operator === 'matches' ? classes.pattern : undefined}
    />
  );
}

function placeholderOf(entry: Entry, operator: string): string {
  if (operator === 'matches') return 'A regular expression, e.g. ^VPN';
  if (entry.kind === 'currency') return 'e.g. 500 or USD;500.00';
  return entry.kind === 'list' ? 'A name' : 'Text';
}

function Range({ value, onChange, error, ...rest }: Props) {
  const [from, to] = splitRange(value);
  const set = (a: string, b: string) => onChange(joinRange(a, b));
  const name = rest.entry.label;
  return (
    <div className={classes.range}>
      <One
        {...rest}
        arity="one"
        label={`Lower value for ${name}`}
        value={from}
        onChange={(a) => set(a, to)}
        error={error}
      />
      <span className={classes.and}>and</span>
      <One {...rest} arity="one" label={`Upper value for ${name}`} value={to} onChange={(b) => set(from, b)} />
    </div>
  );
}
