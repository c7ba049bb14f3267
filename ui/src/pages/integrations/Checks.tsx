import { List, Loader, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import type { Check } from '../../api/client';
import classes from './Checks.module.css';
import { checkColor } from './states';

const words: Record<Check['state'], string> = {
  running: 'Checking',
  ok: 'Passed',
  warning: 'Warning',
  failed: 'Failed',
};

/** What was verified, line by line, with what to do where it is not well. */
export function Checks({ checks, label }: { checks: Check[]; label?: string }) {
  return (
    <ul className={classes.checks} aria-label={label}>
      {checks.map((check) => (
        <li key={check.name} className={classes.check} data-check={check.name} data-check-state={check.state}>
          <Mark state={check.state} />
          <div style={{ minWidth: 0 }}>
            <Text fw={550}>{check.label}</Text>
            {check.detail && (
              <Text size="sm" c="dimmed" className="break">
                {check.detail}
              </Text>
            )}
            {check.remedies && check.remedies.length > 0 && (
              <List size="sm" spacing={2} mt={4}>
                {check.remedies.map((remedy) => (
                  <List.Item key={remedy} className="break">
                    {remedy}
                  </List.Item>
                ))}
              </List>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Mark({ state }: { state: Check['state'] }) {
  if (state === 'running') return <Loader size={22} aria-label={words.running} />;
  const Icon = state === 'ok' ? IconCheck : state === 'warning' ? IconAlertTriangle : IconX;
  return (
    <ThemeIcon
      size={22}
      radius="xl"
      variant="light"
      color={checkColor(state)}
      role="img"
      aria-label={words[state] ?? state}
    >
      <Icon size={13} stroke={2.4} />
    </ThemeIcon>
  );
}
