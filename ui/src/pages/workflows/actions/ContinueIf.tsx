import { type DraftGroup, emptyGroup } from '../definition';
import { Rules } from '../Rules';
import { TemplateText } from '../Template';
import { type FormProps, optional, textOf } from './form';

export function ContinueIf({ config, set, path }: FormProps) {
  return (
    <>
      <Rules
        group={(config.conditions as DraftGroup | undefined) ?? emptyGroup()}
        onChange={(conditions) => set({ conditions })}
        path={`${path}.conditions`}
        label="Rules to continue"
        empty="Add what must be true for the next steps."
        withSteps
      />
      <TemplateText
        label="Said when it ends here"
        path={`${path}.message`}
        value={textOf(config, 'message')}
        onChange={(message) => set({ message: optional(message) })}
        line
        placeholder="Optional: shown in the Event History"
      />
    </>
  );
}
