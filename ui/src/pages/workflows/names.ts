import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Definition, Rule } from '../../api/client';
import { splitValues } from '../../words/values';
import type { Names } from '../../words/workflow';
import { choicesQuery, fieldsQuery, mostChoices, nameQuery, stored } from './choices';
import { workflowsQuery } from './queries';

/** Values that a definition stores and that people know by another name, by their fields. */
function valuesIn(definition: Definition): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (field: string | undefined, value: unknown) => {
    if (!field || typeof value !== 'string' || value === '' || value.includes('{{')) return;
    if (!found.has(field)) found.set(field, new Set());
    for (const v of splitValues(value)) found.get(field)?.add(v);
  };
  const walk = (rule: Rule | undefined) => {
    add(rule?.field, rule?.value);
    for (const r of rule?.rules ?? []) walk(r);
  };
  walk(definition.conditions);
  for (const change of definition.target_changes ?? []) {
    const field = change.change_type === 'STATE_CHANGED' ? 'state' : change.target_field;
    add(field, change.source_value);
    add(field, change.target_value);
  }
  for (const action of definition.actions ?? []) {
    const config = (action.config ?? {}) as Record<string, unknown>;
    for (const [field, value] of Object.entries((config.fields as object | undefined) ?? {})) add(field, value);
    walk((config.until_rule ?? config.conditions) as Rule | undefined);
    if (action.type === 'RUN_WORKFLOW') add('workflow', config.workflow);
  }
  return found;
}

/** Looks up the names of the values in a definition: of choices, of records, of other workflows. */
export function useValueNames(definition: Definition): Names {
  const values = useMemo(() => valuesIn(definition), [definition]);
  const [fields, workflows] = useQueries({
    queries: [
      { ...fieldsQuery, enabled: values.size > 0 },
      { ...workflowsQuery, enabled: values.has('workflow') },
    ],
  });
  const ofType = (type: string) =>
    [...values].filter(([f]) => fields.data?.some((d) => d.name === f && d.type === type));
  const choiceFields = ofType('choice').map(([field]) => field);
  const records = ofType('reference').flatMap(([field, ids]) => [...ids].map((id) => ({ field, id })));
  const choices = useQueries({ queries: choiceFields.map((field) => choicesQuery(field, [], '', mostChoices)) });
  const named = useQueries({ queries: records.map(({ field, id }) => nameQuery(field, id)) });
  return (field, value) => {
    if (field === 'workflow') return workflows.data?.find((w) => w.id === value)?.definition.name;
    const at = choiceFields.indexOf(field);
    if (at >= 0) {
      const found = choices[at]?.data?.filter((c) => stored(c) === value || c.value === value) ?? [];
      return [...new Set(found.map((c) => c.label))].join(' / ') || undefined;
    }
    const record = records.findIndex((r) => r.field === field && r.id === value);
    return record >= 0 ? named[record]?.data : undefined;
  };
}
