import { Button, NumberInput, SegmentedControl, Switch, type SwitchProps, Text } from '@mantine/core';
import { IconGhost2 } from '@tabler/icons-react';
import { memo } from 'react';
import type { Options, TriggerType } from './definition';
import { placeId, useProblem } from './editing';
import classes from './OptionsForm.module.css';
import { DurationInput } from './pickers';

interface Props {
  options: Options;
  trigger: TriggerType;
  onChange: (patch: Partial<Options>) => void;
  /** Shows what it would have done so far. */
  onShadow?: () => void;
}

/** How often, when and how carefully the workflow runs. */
export const OptionsForm = memo(function OptionsForm({ options, trigger, onChange, onShadow }: Props) {
  const flip = (key: keyof Options) => (event: React.ChangeEvent<HTMLInputElement>) =>
    onChange({ [key]: event.currentTarget.checked });
  const orderProblem = useProblem('execution_order');
  const delayProblem = useProblem('delay_seconds');
  const hoursProblem = useProblem('business_hours');
  const pauseProblem = useProblem('pause_after_failures');
  const shadowProblem = useProblem('shadow');
  const onceProblem = useProblem('run_only_once_per_entity');
  const sequenceProblem = useProblem('process_entities_sequentially');
  const ownProblem = useProblem('trigger_on_own_changes');
  return (
    <div className={classes.root}>
      <div className={classes.switches}>
        <Option
          label="Run once per ticket"
          description="At most one run for each ticket, ever"
          checked={options.run_only_once_per_entity}
          onChange={flip('run_only_once_per_entity')}
          error={onceProblem}
          id={placeId('run_only_once_per_entity')}
        />
        <Option
          label="One ticket after the other"
          description="A run begins when the one before it is over"
          checked={options.process_entities_sequentially}
          onChange={flip('process_entities_sequentially')}
          error={sequenceProblem}
          id={placeId('process_entities_sequentially')}
        />
        <div>
          <Option
            label="Shadow mode"
            description="Plans and records what it would do, and does nothing"
            checked={options.shadow}
            onChange={flip('shadow')}
            error={shadowProblem}
            id={placeId('shadow')}
          />
          {onShadow && options.shadow && (
            <Button
              variant="subtle"
              size="compact-xs"
              mt={6}
              ml={42}
              leftSection={<IconGhost2 size={14} />}
              onClick={onShadow}
            >
              What it would have done…
            </Button>
          )}
        </div>
        <Option
          label="Also by Neo’s own changes"
          description="Otherwise what Neo writes starts nothing"
          checked={options.trigger_on_own_changes}
          onChange={flip('trigger_on_own_changes')}
          disabled={trigger !== 'TRIGGERED'}
          error={ownProblem}
          id={placeId('trigger_on_own_changes')}
        />
        <Option
          label="Ignore execution order"
          description="Off: waits for the workflows before it that the same change starts"
          checked={options.ignore_execution_order}
          onChange={flip('ignore_execution_order')}
          id={placeId('ignore_execution_order')}
        />
        {!options.ignore_execution_order && (
          <NumberInput
            label="Execution order"
            description="Lower goes first"
            value={options.execution_order}
            onChange={(n) => onChange({ execution_order: Number(n) || 0 })}
            allowDecimal={false}
            error={orderProblem}
            id={placeId('execution_order')}
          />
        )}
      </div>
      <div className={classes.fields}>
        <div id={placeId('business_hours')}>
          <Text size="sm" fw={500} mb={4} component="div" id="business-hours-label">
            Runs
          </Text>
          <SegmentedControl
            fullWidth
            size="sm"
            aria-label="When it runs"
            data={[
              { value: 'ANY', label: 'At any time' },
              { value: 'INSIDE', label: 'In business hours' },
              { value: 'OUTSIDE', label: 'After hours' },
            ]}
            value={options.business_hours || 'ANY'}
            onChange={(v) => onChange({ business_hours: v === 'ANY' ? '' : (v as 'INSIDE' | 'OUTSIDE') })}
          />
          {hoursProblem && <p className={classes.problem}>{hoursProblem}</p>}
        </div>
        <DurationInput
          label="Delay before the first action"
          shown
          seconds
          value={options.delay_seconds}
          onChange={(n) => onChange({ delay_seconds: n })}
          error={delayProblem}
          id={placeId('delay_seconds')}
        />
        <NumberInput
          label="Pause after failures in a row"
          value={options.pause_after_failures || ''}
          onChange={(n) => onChange({ pause_after_failures: Number(n) || 0 })}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          placeholder="never"
          error={pauseProblem}
          id={placeId('pause_after_failures')}
        />
      </div>
    </div>
  );
});

/** A switch whose name is its label alone, without what is said below it. */
function Option({ label, ...rest }: SwitchProps & { label: string }) {
  return <Switch label={label} aria-label={label} {...rest} />;
}
