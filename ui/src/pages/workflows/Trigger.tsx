import { ActionIcon, Autocomplete, Button, SegmentedControl, Select, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { focusNew } from '../../components/focusNew';
import { changeKinds } from '../../words/action';
import { entryOf } from './catalogue';
import { type Draft, type DraftChange, newId, type Schedule, type TriggerType } from './definition';
import { Fresh, markFresh, placeId, useEditing, useProblem } from './editing';
import { ChoicePicker, FieldPicker, RecordPicker } from './pickers';
import { ScheduleForm } from './ScheduleForm';
import classes from './Trigger.module.css';

const hints: Record<TriggerType, string> = {
  TRIGGERED: 'Runs for a ticket when one of these changes happens to it.',
  SCHEDULED: 'Runs at certain times, for every ticket that matches the rules then.',
  NONE: 'Runs when a person, another workflow or scheduled work asks for it.',
};

interface Props {
  trigger: TriggerType;
  changes: DraftChange[];
  schedule: Schedule;
  update: (patch: Partial<Draft>) => void;
}

/** What starts the workflow. */
export const Trigger = memo(function Trigger({ trigger, changes, schedule, update }: Props) {
  const typeProblem = useProblem('trigger_type');
  const problem = useProblem('target_changes', ['[']);
  const replace = (i: number, change: DraftChange | null) =>
    update({ changes: change ? changes.map((c, at) => (at === i ? change : c)) : changes.filter((_, at) => at !== i) });
  return (
    <div className={classes.root} id={placeId('trigger_type')}>
      <SegmentedControl
        aria-label="What starts it"
        data={[
          { value: 'TRIGGERED', label: 'Triggered' },
          { value: 'SCHEDULED', label: 'Scheduled' },
          { value: 'NONE', label: 'Only on request' },
        ]}
        value={trigger}
        onChange={(v) => update({ trigger: v as TriggerType })}
        className={classes.types}
      />
      <Text size="sm" c="dimmed">
        {hints[trigger]}
      </Text>
      {typeProblem && <p className={classes.problem}>{typeProblem}</p>}
      {trigger === 'SCHEDULED' && <ScheduleForm schedule={schedule} onChange={(next) => update({ schedule: next })} />}
      {trigger === 'TRIGGERED' && (
        <div id={placeId('target_changes')}>
          <ul className={classes.changes}>
            {changes.map((change, i) => (
              <li key={change.id} id={`change-${change.id}`}>
                {i > 0 && <span className={classes.or}>or</span>}
                <Fresh id={change.id}>
                  <ChangeRow
                    change={change}
                    number={i + 1}
                    onChange={(c) => replace(i, c)}
                    onRemove={changes.length > 1 ? () => replace(i, null) : undefined}
                    path={`target_changes[${i}]`}
                  />
                </Fresh>
              </li>
            ))}
          </ul>
          {problem && <p className={classes.problem}>{problem}</p>}
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconPlus size={14} />}
            mt={changes.length ? 10 : 0}
            aria-label="Add another change: or"
            onClick={() => {
              const added = markFresh({
                id: newId(),
                change_type: changes.length ? 'FIELD_UPDATED' : 'TICKET_CREATED',
              });
              update({ changes: [...changes, added] });
              focusNew(() => document.getElementById(`change-${added.id}`));
            }}
          >
            OR
          </Button>
        </div>
      )}
    </div>
  );
});

function ChangeRow({
  change,
  number,
  onChange,
  onRemove,
  path,
}: {
  change: DraftChange;
  number: number;
  onChange: (change: DraftChange) => void;
  onRemove?: () => void;
  path: string;
}) {
  const { fields } = useEditing();
  const label = `Change ${number}`;
  const ofField = change.change_type === 'FIELD_UPDATED';
  const ofState = change.change_type === 'STATE_CHANGED';
  const field = ofState ? 'state' : (change.target_field ?? '');
  const kindProblem = useProblem(path, ['.target_field', '.source_value', '.target_value']);
  const fieldProblem = useProblem(`${path}.target_field`);
  const fromProblem = useProblem(`${path}.source_value`);
  const toProblem = useProblem(`${path}.target_value`);
  const kinds = changeKinds.some((k) => k.value === change.change_type)
    ? changeKinds
    : [...changeKinds, { value: change.change_type, label: change.change_type }];
  const set = (patch: Partial<DraftChange>) => {
    const next: DraftChange = { ...change, ...patch };
    for (const key of ['target_field', 'source_value', 'target_value'] as const) {
      if (next[key] === undefined) delete next[key];
    }
    onChange(next);
  };
  const kind = ofState ? 'choice' : entryOf(fields, field).kind;
  return (
    <fieldset className={classes.change} aria-label={label} id={placeId(path)}>
      <div className={classes.row}>
        <Select
          aria-label={`${label}, kind`}
          data={kinds}
          value={change.change_type}
          onChange={(type) =>
            type &&
            set({ change_type: type, target_field: undefined, source_value: undefined, target_value: undefined })
          }
          allowDeselect={false}
          searchable
          maxDropdownHeight={360}
          error={kindProblem}
        />
        {ofField && (
          <FieldPicker
            label={`${label}, field`}
            value={field}
            onChange={(name) =>
              set({ target_field: name || undefined, source_value: undefined, target_value: undefined })
            }
            only={(e) => e.group === 'Ticket' || e.group === 'Custom fields'}
            placeholder="Any field"
            clearable
            error={fieldProblem}
            id={placeId(`${path}.target_field`)}
          />
        )}
      </div>
      {(ofState || (ofField && field && kind !== 'journal')) && (
        <div className={classes.row}>
          <ChangeValue
            label={`${label}, from`}
            word="from"
            field={field}
            kind={kind}
            value={change.source_value}
            onChange={(v) => set({ source_value: v })}
            error={fromProblem}
            id={placeId(`${path}.source_value`)}
          />
          <ChangeValue
            label={`${label}, to`}
            word="to"
            field={field}
            kind={kind}
            value={change.target_value}
            onChange={(v) => set({ target_value: v })}
            error={toProblem}
            id={placeId(`${path}.target_value`)}
          />
        </div>
      )}
      {onRemove && (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={onRemove}
          aria-label={`Delete change ${number}`}
          className={classes.remove}
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </fieldset>
  );
}

const EMPTY = '(empty)';

/** One end of a change: not told is any value, "" is empty. */
function ChangeValue({
  word,
  field,
  kind,
  value,
  onChange,
  ...rest
}: {
  label: string;
  word: string;
  field: string;
  kind: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: string;
  id: string;
}) {
  const shown = value === '' ? EMPTY : (value ?? '');
  const set = (v: string) => onChange(v === EMPTY ? '' : v === '' ? undefined : v);
  const empty = [{ value: EMPTY, label: 'Empty' }];
  const common = {
    ...rest,
    field,
    value: shown,
    onChange: set,
    clearable: true,
    placeholder: 'any value',
    extra: empty,
  };
  return (
    <div className={classes.end}>
      <span aria-hidden="true">{word}</span>
      {kind === 'choice' ? (
        <ChoicePicker {...common} />
      ) : kind === 'reference' ? (
        <RecordPicker {...common} />
      ) : (
        <Autocomplete
          aria-label={rest.label}
          id={rest.id}
          error={rest.error}
          data={kind === 'boolean' ? ['true', 'false'] : [EMPTY]}
          value={shown}
          onChange={set}
          placeholder="any value"
          filter={({ options }) => options}
          clearable
        />
      )}
    </div>
  );
}
