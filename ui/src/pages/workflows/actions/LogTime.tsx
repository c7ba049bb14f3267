import { placeId, useProblem } from '../editing';
import { DurationInput } from '../pickers';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, numberOf, textOf } from './form';

export function LogTime({ config, set, path }: FormProps) {
  const problem = useProblem(`${path}.minutes`);
  return (
    <>
      <div className={classes.narrow}>
        <DurationInput
          label="Time worked"
          shown
          value={numberOf(config, 'minutes')}
          onChange={(minutes) => set({ minutes })}
          error={problem}
          id={placeId(`${path}.minutes`)}
        />
      </div>
      <TemplateText
        label="What was done"
        path={`${path}.text`}
        value={textOf(config, 'text')}
        onChange={(text) => set({ text })}
      />
    </>
  );
}
