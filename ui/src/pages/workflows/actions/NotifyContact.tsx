import { Select } from '@mantine/core';
import { placeId, useProblem } from '../editing';
import { DurationInput } from '../pickers';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, numberOf, textOf } from './form';

const modes = [
  { value: 'TICKET_NOTE', label: 'Ticket Note' },
  { value: 'TIME_ENTRY', label: 'Time Entry' },
  { value: 'EMAIL', label: 'Email (sent via PSA)' },
];

export function NotifyContact({ config, set, path }: FormProps) {
  const mode = textOf(config, 'mode') || 'EMAIL';
  const modeProblem = useProblem(`${path}.mode`);
  const minutesProblem = useProblem(`${path}.minutes`);
  return (
    <>
      <div className={classes.two}>
        <Select
          label="Notification Mode"
          data={modes}
          value={mode}
          onChange={(next) =>
            set({
              mode: next,
              subject: next === 'EMAIL' ? (config.subject ?? '') : undefined,
              minutes: next === 'TIME_ENTRY' ? (config.minutes ?? 5) : undefined,
            })
          }
          allowDeselect={false}
          error={modeProblem}
          id={placeId(`${path}.mode`)}
        />
        {mode === 'TIME_ENTRY' && (
          <DurationInput
            label="Time worked"
            shown
            value={numberOf(config, 'minutes')}
            onChange={(minutes) => set({ minutes })}
            error={minutesProblem}
            id={placeId(`${path}.minutes`)}
          />
        )}
      </div>
      {mode === 'EMAIL' && (
        <TemplateText
          label="Subject"
          path={`${path}.subject`}
          value={textOf(config, 'subject')}
          onChange={(subject) => set({ subject })}
          line
        />
      )}
      <TemplateText
        label="Text"
        path={`${path}.text`}
        value={textOf(config, 'text')}
        onChange={(text) => set({ text })}
        placeholder="What the contact reads"
      />
    </>
  );
}
