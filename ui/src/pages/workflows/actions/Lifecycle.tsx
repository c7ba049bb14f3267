import { placeId, useProblem } from '../editing';
import { ChoicePicker } from '../pickers';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, optional, textOf } from './form';

function CloseCode({ config, set, path, needed }: FormProps & { needed?: boolean }) {
  const problem = useProblem(`${path}.code`);
  return (
    <div className={classes.narrow}>
      <ChoicePicker
        label="Close code"
        shown
        field="close_code"
        raw
        value={textOf(config, 'code')}
        onChange={(code) => set({ code: needed ? code : optional(code) })}
        clearable={!needed}
        placeholder={needed ? 'Choose' : 'As it is'}
        error={problem}
        id={placeId(`${path}.code`)}
      />
    </div>
  );
}

export function Resolve(props: FormProps) {
  const { config, set, path } = props;
  return (
    <>
      <CloseCode {...props} needed />
      <TemplateText
        label="Close notes"
        path={`${path}.notes`}
        value={textOf(config, 'notes')}
        onChange={(notes) => set({ notes })}
        placeholder="How it was solved"
      />
    </>
  );
}

export function Close(props: FormProps) {
  const { config, set, path } = props;
  return (
    <>
      <CloseCode {...props} />
      <TemplateText
        label="Close notes"
        path={`${path}.notes`}
        value={textOf(config, 'notes')}
        onChange={(notes) => set({ notes: optional(notes) })}
        placeholder="Optional, where the class does not need them"
      />
    </>
  );
}

export function Reopen({ config, set, path }: FormProps) {
  return (
    <TemplateText
      label="Work note"
      path={`${path}.note`}
      value={textOf(config, 'note')}
      onChange={(note) => set({ note: optional(note) })}
      placeholder="Optional: why it is open again"
    />
  );
}
