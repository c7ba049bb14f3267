import { useQueries } from '@tanstack/react-query';
import { choicesQuery, mostChoices, nameQuery } from '../pages/workflows/choices';
import type { FieldChange } from '../words/plan';

const recordId = /^[0-9a-f]{32}$/;
const code = /^[\w.-]{1,40}$/;

/** Gives what a plan writes the texts that people see: "1" is "1 - Critical", a record's id is its name. */
export function useLabels(changes: FieldChange[], ticketClass: string | undefined): FieldChange[] {
  const bare = ticketClass ? changes.filter(({ to }) => to && !to.display && code.test(to.value)) : [];
  const records = bare.filter(({ to }) => recordId.test(to?.value ?? ''));
  const codes = bare.filter((change) => !records.includes(change));
  const names = useQueries({ queries: records.map(({ field, to }) => nameQuery(field, to?.value ?? '')) });
  const choices = useQueries({
    queries: codes.map(({ field }) => choicesQuery(field, [ticketClass ?? ''], '', mostChoices)),
  });
  return changes.map((change) => {
    const { to } = change;
    const label =
      names[records.indexOf(change)]?.data ??
      choices[codes.indexOf(change)]?.data?.find((c) => c.value === to?.value)?.label;
    return to && label && label !== to.value ? { ...change, to: { value: to.value, display: label } } : change;
  });
}
