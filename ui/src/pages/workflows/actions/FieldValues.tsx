import { ActionIcon, NumberInput, Select, Text, Tooltip } from '@mantine/core';
import { IconBraces, IconListCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { focusNew } from '../../../components/focusNew';
import { joinValues, splitValues } from '../../../words/values';
import { type Entry, entryOf } from '../catalogue';
import { useChoices } from '../choices';
import { placeId, useEditing, useProblem } from '../editing';
import { ChoicePicker, ChoicesPicker, FieldPicker, RecordPicker } from '../pickers';
import { TemplateText } from '../Template';
import classes from './actions.module.css';

interface Props {
  fields: Record<string, string>;
  onChange: (fields: Record<string, string>) => void;
  path: string;
  /** Of the class of tickets that the fields are set on; any when not told. */
  ticketClass?: string;
}

const isTemplate = (value: string) => value.includes('{{') || value.includes('{%');

/** Fields and what they are set to. */
export function FieldValues({ fields, onChange, path, ticketClass }: Props) {
  const problem = useProblem(
    path,
    Object.keys(fields).map((name) => `.${name}`),
  );
  const settable = (e: Entry) =>
    (e.group === 'Ticket' || e.group === 'Custom fields') &&
    !e.readOnly &&
    e.kind !== 'journal' &&
    !e.name.startsWith('sys_') &&
    !(e.name in fields) &&
    (!ticketClass || e.classes.length === 0 || e.classes.includes(ticketClass));
  const set = (name: string, value: string) => onChange({ ...fields, [name]: value });
  const remove = (name: string) => onChange(Object.fromEntries(Object.entries(fields).filter(([n]) => n !== name)));
  return (
    <div className={classes.values} id={placeId(path)}>
      {Object.entries(fields).map(([name, value]) => (
        <FieldValue
          key={name}
          name={name}
          value={value}
          onChange={(v) => set(name, v)}
          onRemove={() => remove(name)}
          path={`${path}.${name}`}
          empty={ticketClass ? 'empty' : 'empty: clears the field'}
        />
      ))}
      <div className={classes.addField}>
        <FieldPicker
          label="Add a field"
          value=""
          onChange={(name) => {
            if (!name) return;
            set(name, '');
            focusNew(() => document.getElementById(placeId(`${path}.${name}`))?.parentElement);
          }}
          only={settable}
          placeholder="Add a field …"
          error={problem}
          key={Object.keys(fields).length}
        />
      </div>
    </div>
  );
}

function FieldValue({
  name,
  value,
  onChange,
  onRemove,
  path,
  empty,
}: {
  name: string;
  value: string;
  onChange: (value: string) => void;
  onRemove: () => void;
  path: string;
  /** Said while it has no value. */
  empty: string;
}) {
  const { fields } = useEditing();
  const entry = entryOf(fields, name);
  const pickable = ['choice', 'reference', 'boolean', 'number'].includes(entry.kind);
  const [asTemplate, setAsTemplate] = useState(isTemplate(value));
  const written = !pickable || asTemplate || isTemplate(value);
  const problem = useProblem(path);
  // Where one stored value means different things, each class is set to its own.
  const choices = useChoices(entry.kind === 'choice' ? name : '');
  const perClass = choices.data?.some((c) => c.class) ?? false;
  const common = { label: entry.label, shown: true, value, onChange, error: problem, id: placeId(path) };
  return (
    <div className={classes.value}>
      <div className={classes.grow}>
        {written ? (
          <TemplateText label={entry.label} path={path} value={value} onChange={onChange} line placeholder={empty} />
        ) : entry.kind === 'choice' && perClass ? (
          <ChoicesPicker
            {...common}
            field={name}
            value={splitValues(value)}
            onChange={(values) => onChange(joinValues(values))}
          />
        ) : entry.kind === 'choice' ? (
          <ChoicePicker {...common} field={name} raw clearable placeholder={empty} />
        ) : entry.kind === 'reference' ? (
          <RecordPicker {...common} field={name} clearable placeholder={`${empty}; search by name`} />
        ) : entry.kind === 'boolean' ? (
          <Select
            {...common}
            value={value || null}
            onChange={(v) => onChange(v ?? '')}
            data={[
              { value: 'true', label: 'Yes' },
              { value: 'false', label: 'No' },
            ]}
            clearable
            placeholder={empty}
          />
        ) : (
          <NumberInput {...common} onChange={(n) => onChange(String(n))} placeholder={empty} />
        )}
      </div>
      <div className={classes.valueTools}>
        {pickable && (
          <Tooltip label={written ? 'Choose from a list' : 'Write a template'}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={written ? `Choose ${entry.label} from a list` : `Write a template for ${entry.label}`}
              onClick={() => {
                if (written && isTemplate(value)) onChange('');
                setAsTemplate(!written);
              }}
            >
              {written ? <IconListCheck size={16} /> : <IconBraces size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${entry.label}`} onClick={onRemove}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {entry.label !== name && entry.group === 'Custom fields' && (
        <Text size="xs" c="dimmed" className="mono">
          {name}
        </Text>
      )}
    </div>
  );
}
