import { NumberInput, Switch } from '@mantine/core';
import { placeId, useProblem } from '../editing';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, optional, textOf } from './form';

/** What the note can name besides. */
const duplicate = {
  group: 'The similar ticket',
  items: [
    { name: 'duplicate.number', label: 'Its number' },
    { name: 'duplicate.title', label: 'Its short description' },
    { name: 'duplicate.similarity', label: 'Similarity in percent' },
  ],
};

export function LinkDuplicate({ config, set, path }: FormProps) {
  const daysProblem = useProblem(`${path}.within_days`);
  const similarityProblem = useProblem(`${path}.similarity`);
  const number = (key: string) => (typeof config[key] === 'number' ? (config[key] as number) : '');
  return (
    <>
      <div className={classes.two}>
        <NumberInput
          label="Opened within the last"
          suffix=" days"
          value={number('within_days')}
          onChange={(n) => set({ within_days: Number(n) })}
          min={1}
          max={90}
          allowDecimal={false}
          error={daysProblem}
          id={placeId(`${path}.within_days`)}
        />
        <NumberInput
          label="Similar by at least"
          suffix=" %"
          value={number('similarity')}
          onChange={(n) => set({ similarity: Number(n) })}
          min={50}
          max={100}
          allowDecimal={false}
          error={similarityProblem}
          id={placeId(`${path}.similarity`)}
        />
      </div>
      <Switch
        label="Only from the same caller"
        checked={config.same_caller === true}
        onChange={(event) => set({ same_caller: event.currentTarget.checked })}
      />
      <TemplateText
        label="Work note on this ticket"
        path={`${path}.note`}
        value={textOf(config, 'note')}
        onChange={(note) => set({ note: optional(note) })}
        placeholder="Optional"
        more={duplicate}
      />
    </>
  );
}
