import { Select, Switch } from '@mantine/core';
import { type DraftGroup, emptyGroup } from '../definition';
import { placeId, useProblem } from '../editing';
import { DurationInput } from '../pickers';
import { Rules } from '../Rules';
import classes from './actions.module.css';
import { type FormProps, numberOf } from './form';

const modes = [
  { value: 'time', label: 'For a time' },
  { value: 'rule', label: 'Until the ticket is so' },
  { value: 'hours', label: 'Until working hours' },
];

export function Wait({ config, set, path }: FormProps) {
  const mode = config.until_rule ? 'rule' : config.until_business_hours === true ? 'hours' : 'time';
  const problem = useProblem(`${path}.for_minutes`);
  const minutes = (
    <DurationInput
      label={mode === 'rule' ? 'At most' : 'How long'}
      shown
      value={numberOf(config, 'for_minutes')}
      onChange={(n) => set({ for_minutes: n || undefined })}
      error={problem}
      id={placeId(`${path}.for_minutes`)}
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
              for_minutes: next === 'hours' ? undefined : (config.for_minutes ?? 60),
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
            label="End the run if the ticket is not so by then"
            checked={config.stop_if_not === true}
            onChange={(event) => set({ stop_if_not: event.currentTarget.checked || undefined })}
          />
        </>
      )}
    </>
  );
}
