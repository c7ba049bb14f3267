import { Table, Text } from '@mantine/core';
import type { Value } from '../api/client';
import { differs, fieldName, shown } from '../words/ticket';
import classes from './Changes.module.css';

export interface Change {
  field: string;
  from: Value | undefined;
  /** null: not known, since no answer has come. */
  to: Value | undefined | null;
}

/** Fields before and after, as people see them in the ticket system; the changed ones first and emphasised. */
export function Changes({ changes, label, after = 'After' }: { changes: Change[]; label: string; after?: string }) {
  const sorted = [...changes].sort((a, b) => Number(changed(b)) - Number(changed(a)));
  return (
    <Table aria-label={label} className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          <Table.Th>Before</Table.Th>
          <Table.Th>{after}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sorted.map((change) => {
          const { field, from, to } = change;
          return (
            <Table.Tr key={field} data-changed={changed(change) || undefined}>
              <Table.Td className={classes.field} title={field}>
                {fieldName(field)}
              </Table.Td>
              <Table.Td className={classes.before} data-label="Before">
                <Shown value={from} />
              </Table.Td>
              <Table.Td className={classes.after} data-label={after}>
                <div>
                  {to === null ? '–' : <Shown value={to} />}
                  {to !== null && !changed(change) && (
                    <Text span size="xs" c="dimmed" ml={8}>
                      unchanged
                    </Text>
                  )}
                </div>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

function changed({ from, to }: Change): boolean {
  return to !== null && differs(from, to);
}

function Shown({ value }: { value: Value | undefined }) {
  const text = shown(value);
  if (!text) {
    return (
      <Text span size="sm" c="dimmed" fs="italic" className={classes.value}>
        empty
      </Text>
    );
  }
  const stored = value?.value && (value.display || shortId(text) !== text) ? value.value : undefined;
  return (
    <span className={classes.value} title={stored && `Stored as ${stored}`}>
      {shortId(text)}
    </span>
  );
}

/** A record's id that no name is known for: its beginning is enough to tell it from others. */
function shortId(text: string): string {
  return /^[0-9a-f]{32}$/.test(text) ? `${text.slice(0, 8)}…` : text;
}
