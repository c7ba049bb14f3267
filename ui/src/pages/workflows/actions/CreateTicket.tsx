import { Select, Switch } from '@mantine/core';
import { useMemo } from 'react';
import { ticketTypes } from '../../../words/action';
import { EditingProvider, placeId, useEditing, useProblem } from '../editing';
import classes from './actions.module.css';
import { FieldValues } from './FieldValues';
import { type FormProps, recordOf, textOf } from './form';

export function CreateTicket({ config, set, path }: FormProps) {
  const editing = useEditing();
  const ticketClass = textOf(config, 'class');
  const ofClass = useMemo(() => ({ ...editing, classes: ticketClass ? [ticketClass] : [] }), [editing, ticketClass]);
  const problem = useProblem(`${path}.class`);
  return (
    <>
      <div className={classes.two}>
        <Select
          label="Class"
          data={ticketTypes}
          value={ticketClass || null}
          onChange={(v) => v && set({ class: v })}
          allowDeselect={false}
          error={problem}
          id={placeId(`${path}.class`)}
        />
        <Switch
          label="Link it to this ticket"
          checked={config.link === true}
          onChange={(event) => set({ link: event.currentTarget.checked })}
          mt={{ base: 0, sm: 30 }}
        />
      </div>
      <EditingProvider value={ofClass}>
        <FieldValues
          fields={recordOf(config, 'fields')}
          onChange={(fields) => set({ fields })}
          path={`${path}.fields`}
          ticketClass={ticketClass}
        />
      </EditingProvider>
    </>
  );
}
