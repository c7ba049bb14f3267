import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { placeId, useProblem } from '../editing';
import { workflowsQuery } from '../queries';
import classes from './actions.module.css';
import { type FormProps, textOf } from './form';

export function RunWorkflow({ config, set, path }: FormProps) {
  const workflows = useQuery(workflowsQuery);
  const chosen = textOf(config, 'workflow');
  const problem = useProblem(`${path}.workflow`);
  const list = workflows.data ?? [];
  const found = list.find((w) => w.id === chosen) ?? list.find((w) => w.definition.name === chosen);
  const data = list.map((w) => ({ value: w === found ? chosen : w.id, label: w.definition.name }));
  if (chosen && !found) data.push({ value: chosen, label: chosen });
  return (
    <div className={classes.narrow}>
      <Select
        label="Workflow"
        data={data}
        value={chosen || null}
        onChange={(v) => set({ workflow: v ?? '' })}
        allowDeselect={false}
        searchable
        placeholder={workflows.isPending ? 'Loading …' : 'Choose'}
        nothingFoundMessage={workflows.isError ? 'The workflows could not be loaded' : 'No such workflow'}
        error={problem}
        id={placeId(`${path}.workflow`)}
      />
    </div>
  );
}
