import { queryOptions, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Choice, data } from '../../api/client';
import type { operations } from '../../api/schema';
import { ticketTypes } from '../../words/action';
import { useEditing } from './editing';

const MINUTES = 60_000;

export const fieldsQuery = queryOptions({
  queryKey: ['catalogue', 'fields'],
  queryFn: async ({ signal }) => (await data(api.GET('/api/v1/catalogue/fields', { signal }))) ?? [],
  staleTime: 10 * MINUTES,
});

type TicketClass = NonNullable<operations['list-choices']['parameters']['query']['class']>[number];

interface Question {
  field: string;
  /** None: all. */
  class: string[];
  q: string;
  limit: number;
}

async function ask({ class: classes, ...query }: Question, signal: AbortSignal): Promise<Choice[]> {
  // A class that the API does not know makes it refuse the question: what is typed as JSON may name any.
  const known = ticketTypes.map((t) => t.value as TicketClass).filter((c) => classes.includes(c));
  const params = { query: { ...query, class: known } };
  return (await data(api.GET('/api/v1/catalogue/choices', { params, signal }))) ?? [];
}

/** What the API answers at most. */
export const mostChoices = 200;

export const choicesQuery = (field: string, classes: string[], q: string, limit: number) =>
  queryOptions({
    queryKey: ['catalogue', 'choices', field, classes, q, limit],
    queryFn: ({ signal }) => ask({ field, class: classes, q, limit }, signal),
    staleTime: 5 * MINUTES,
    enabled: field !== '',
  });

const nameKey = (field: string, id: string) => ['catalogue', 'name', field, id];

/** The name of one record of a reference field; the id itself when it is not known (any more). */
export const nameQuery = (field: string, id: string) =>
  queryOptions({
    queryKey: nameKey(field, id),
    queryFn: async ({ signal }) => {
      const found = await ask({ field, class: [], q: id, limit: 10 }, signal);
      return found.find((c) => c.value === id)?.label ?? id;
    },
    staleTime: 60 * MINUTES,
    enabled: field !== '' && id !== '',
  });

/** How a rule names a choice. */
export const stored = (c: Choice) => (c.class ? `${c.class}:${c.value}` : c.value);

export interface Option {
  value: string;
  label: string;
}

/** A list of choices; parted by class where the same value means different things. */
export type Options = { group: string; items: Option[] }[] | Option[];

const typeLabel = (name: string) => ticketTypes.find((t) => t.value === name)?.label ?? name;

/** The choices of a field as options, with those that are chosen already even if the instance has them no more. */
export function optionsOf(choices: Choice[], chosen: string[], raw = false): Options {
  const labels = new Map<string, { label: string; group: string }>();
  for (const c of choices) {
    const value = raw ? c.value : stored(c);
    const had = labels.get(value);
    // In an action one stored value stands for each class's own meaning.
    if (had && !had.label.split(' / ').includes(c.label)) had.label += ` / ${c.label}`;
    if (!had) labels.set(value, { label: c.label || c.value, group: !raw && c.class ? typeLabel(c.class) : '' });
  }
  for (const value of chosen) if (value && !labels.has(value)) labels.set(value, { label: value, group: '' });
  const groups = new Map<string, Option[]>();
  for (const [value, { label, group }] of labels) {
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group)?.push({ value, label: group ? `${label} (${group})` : label });
  }
  if (groups.size <= 1) return [...groups.values()][0] ?? [];
  return [...groups].map(([group, items]) => ({ group: group || 'All', items }));
}

export function flat(options: Options): Option[] {
  return options.flatMap((o) => ('items' in o ? o.items : [o]));
}

/** All choices of a choice field, for the classes that the workflow is about. */
export function useChoices(field: string) {
  const { classes } = useEditing();
  return useQuery(choicesQuery(field, classes, '', mostChoices));
}

/** Records of a reference field whose names contain q. */
export function useRecords(field: string, q: string) {
  return useQuery(choicesQuery(field, [], q.trim(), 25));
}

/** The names of records, in the order of their ids; "" while one is asked for, the id where there is none. */
export function useNames(field: string, ids: string[]): string[] {
  return useQueries({
    queries: ids.map((id) => nameQuery(field, id)),
    combine: (results) => results.map((r, i) => r.data ?? (r.isPending ? '' : (ids[i] ?? ''))),
  });
}

/** Remembers names that are on screen, so that nobody has to ask for them. */
export function useRemember(field: string) {
  const client = useQueryClient();
  return (choice: Option) => client.setQueryData(nameKey(field, choice.value), choice.label);
}
