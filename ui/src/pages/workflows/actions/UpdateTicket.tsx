import { FieldValues } from './FieldValues';
import { type FormProps, recordOf } from './form';

export function UpdateTicket({ config, set, path }: FormProps) {
  return (
    <FieldValues fields={recordOf(config, 'fields')} onChange={(fields) => set({ fields })} path={`${path}.fields`} />
  );
}
