import { Select, Switch } from '@mantine/core';
import { type DraftGroup, emptyGroup } from '../definition';
import { placeId, useProblem } from '../editing';
import { DurationInput } from '../pickers';
import { Rules } from '../Rules';
import classes from './actions.module.css';
import { type FormProps, numberOf } from './form';

const modes = [
  { value: 'time', label: 'For a time' },
  { value: 'working', label: 'For working time' },
  { value: 'rule', label: 'Until the ticket is so' },
  { value: 'hours', label: 'Until working hours' },
];

export function Wait({ config, set, path }: FormProps) {
  const mode = config.until_rule
    ? 'rule'
    : config.until_business_hours === true
      ? 'hours'
      : config.for_working_minutes !== undefined
        ? 'working'
        : 'time';
  const working = config.for_working_minutes !== undefined;
  const key = working ? 'for_working_minutes' : 'for_minutes';
  const problem = useProblem(`${path}.${key}`);
  const length = config.for_working_minutes ?? config.for_minutes;
  const minutes = (
    <DurationInput
      label={mode === 'rule' ? 'At most' : working ? 'How many working hours' : 'How long'}
      shown
      working={working}
      value={numberOf(config, key)}
      onChange={(n) => set({ [key]: n || (working && mode === 'working' ? 0 : undefined) })}
      error={problem}
      id={placeId(`${path}.${key}`)}
    />
  );
  return (
    <>
      <div className={classes.two}>
        <Select
          label="Wait"
          data={modes}
          value={mode}
          onChange={(next) =>
            set({
              until_rule: next === 'rule' ? (config.until_rule ?? emptyGroup()) : undefined,
              until_business_hours: next === 'hours' ? true : undefined,
              for_minutes:
                next === 'time' ? (length ?? 60) : next === 'rule' ? (config.for_minutes ?? undefined) : undefined,
              for_working_minutes:
                next === 'working' ? (length ?? 240) : next === 'rule' ? config.for_working_minutes : undefined,
              stop_if_not: next === 'rule' ? config.stop_if_not : undefined,
            })
          }
          allowDeselect={false}
        />
        {(mode !== 'hours' || config.for_minutes !== undefined) && minutes}
      </div>
      {mode === 'rule' && (
        <>
          <Rules
            group={config.until_rule as DraftGroup}
            onChange={(rule) => set({ until_rule: rule })}
            path={`${path}.until_rule`}
            label="Rules to wait for"
            empty="Add what the ticket should be like."
          />
          <Switch
            label="Count business hours only"
            checked={working}
            onChange={(event) =>
              set(
                event.currentTarget.checked
                  ? { for_minutes: undefined, for_working_minutes: length ?? 240 }
                  : { for_minutes: length, for_working_minutes: undefined },
              )
            }
          />
          <Switch
            label="End the run if the ticket is not so by then"
            checked={config.stop_if_not === true}
            onChange={(event) => set({ stop_if_not: event.currentTarget.checked || undefined })}
          />
        </>
      )}
    </>
  );
}
