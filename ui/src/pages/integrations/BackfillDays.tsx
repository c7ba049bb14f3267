import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';

const usual = [0, 30, 90, 180, 365];
const other = 'other';
export const MAX_BACKFILL_DAYS = 3650;

/** How many days of older tickets to read: one of the usual spans, or any number of days. */
export function BackfillDays({
  value,
  preset,
  onChange,
  disabled,
}: {
  /** As typed; it may be empty for a moment. */
  value: string;
  /** What the server proposes. */
  preset: number;
  onChange: (value: string) => void;
  disabled?: boolean;
}) {
  const spans = [...new Set([...usual, preset])].sort((a, b) => a - b);
  const [free, setFree] = useState(false);
  return (
    <Group gap="sm" align="flex-end">
      <NativeSelect
        label="Read older tickets"
        description="So that Neo knows what is open already. It starts no workflows, and can be paused."
        data={[
          ...spans.map((days) => ({ value: String(days), label: spanWords(days) })),
          { value: other, label: 'Another number of days' },
        ]}
        value={free ? other : value}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setFree(chosen === other);
          if (chosen !== other) onChange(chosen);
        }}
        disabled={disabled}
        style={{ flex: '1 1 260px' }}
      />
      {free && (
        <TextInput
          label="Number of days"
          description={`0 to ${MAX_BACKFILL_DAYS}`}
          type="number"
          inputMode="numeric"
          min={0}
          max={MAX_BACKFILL_DAYS}
          step={1}
          required
          withAsterisk={false}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          disabled={disabled}
          style={{ flex: '0 1 160px' }}
        />
      )}
    </Group>
  );
}

function spanWords(days: number): string {
  if (days === 0) return 'None';
  return days === 365 ? 'Of the last year' : `Of the last ${days} days`;
}
