import { Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { Comparison, Value } from '../../../api/client';
import { fieldName, shown } from '../../../words/ticket';
import classes from './Trying.module.css';

/** Each field as it was, as the workflow would have made it, and as it became. */
export function WouldTable({ changes, label }: { changes: Comparison[]; label: string }) {
  return (
    <table className={classes.would} aria-label={label}>
      <thead>
        <tr>
          <th>Field</th>
          <th>Before</th>
          <th>Would be</th>
          <th>Became</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => {
          const same = change.agreed;
          const Mark = same ? IconCheck : IconX;
          return (
            <tr key={change.field}>
              <td title={change.field}>{fieldName(change.field)}</td>
              <td data-label="Before">
                <Shown value={change.before} />
              </td>
              <td data-label="Would be">
                <Shown value={change.would} strong />
              </td>
              <td data-label="Became">
                <span className={classes.agrees} data-agrees={same}>
                  <Mark size={14} stroke={2.4} role="img" aria-label={same ? 'the same' : 'not the same'} />
                  <Shown value={change.became} />
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Shown({ value, strong }: { value: Value; strong?: boolean }) {
  const text = shown(value);
  if (!text) {
    return (
      <Text span inherit c="dimmed" fs="italic">
        empty
      </Text>
    );
  }
  return strong ? (
    <Text span inherit fw={600}>
      {text}
    </Text>
  ) : (
    <span>{text}</span>
  );
}
