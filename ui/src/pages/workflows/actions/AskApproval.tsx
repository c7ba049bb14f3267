import { Select, TagsInput } from '@mantine/core';
import { placeId, useProblem } from '../editing';
import { DurationInput } from '../pickers';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, listOf, numberOf, textOf } from './form';

export function AskApproval({ config, set, path }: FormProps) {
  const approversProblem = useProblem(`${path}.approvers`);
  const deadlineProblem = useProblem(`${path}.deadline_minutes`);
  const onDeadlineProblem = useProblem(`${path}.on_deadline`);
  const onRejectProblem = useProblem(`${path}.on_reject`);
  const deadline = numberOf(config, 'deadline_minutes');
  const approvers = listOf(config, 'approvers');
  return (
    <>
      <TemplateText
        label="Question"
        path={`${path}.text`}
        value={textOf(config, 'text')}
        onChange={(text) => set({ text })}
        placeholder="What should a technician decide?"
      />
      <TagsInput
        label="Who may decide"
        value={approvers}
        onChange={(list) => set({ approvers: list.length ? list : undefined })}
        placeholder={approvers.length ? undefined : 'Everybody; or type e-mail addresses of Neo’s users'}
        acceptValueOnBlur
        error={approversProblem}
        id={placeId(`${path}.approvers`)}
      />
      <div className={classes.two}>
        <DurationInput
          label="Deadline"
          shown
          value={deadline}
          onChange={(minutes) =>
            set({
              deadline_minutes: minutes || undefined,
              on_deadline: minutes ? (config.on_deadline ?? 'REJECT') : undefined,
            })
          }
          error={deadlineProblem}
          id={placeId(`${path}.deadline_minutes`)}
        />
        {deadline > 0 && (
          <Select
            label="If nobody answers by then"
            data={[
              { value: 'REJECT', label: 'It counts as rejected' },
              { value: 'APPROVE', label: 'It counts as approved' },
              { value: 'FAIL', label: 'The run fails' },
            ]}
            value={textOf(config, 'on_deadline') || 'REJECT'}
            onChange={(v) => set({ on_deadline: v ?? undefined })}
            allowDeselect={false}
            error={onDeadlineProblem}
            id={placeId(`${path}.on_deadline`)}
          />
        )}
        <Select
          label="If it is rejected"
          data={[
            { value: 'STOP', label: 'The run ends' },
            { value: 'CONTINUE', label: 'Later steps decide what to do' },
          ]}
          value={textOf(config, 'on_reject') || 'STOP'}
          onChange={(v) => set({ on_reject: v === 'CONTINUE' ? v : undefined })}
          allowDeselect={false}
          error={onRejectProblem}
          id={placeId(`${path}.on_reject`)}
        />
      </div>
    </>
  );
}
