import { TemplateText } from '../Template';
import { type FormProps, textOf } from './form';

export function AddWorkNote({ config, set, path }: FormProps) {
  return (
    <TemplateText
      label="Work note"
      path={`${path}.text`}
      value={textOf(config, 'text')}
      onChange={(text) => set({ text })}
      placeholder="What technicians should know"
    />
  );
}

export function AddClientNote({ config, set, path }: FormProps) {
  return (
    <TemplateText
      label="Note to the customer"
      path={`${path}.text`}
      value={textOf(config, 'text')}
      onChange={(text) => set({ text })}
      placeholder="The customer reads this"
    />
  );
}
