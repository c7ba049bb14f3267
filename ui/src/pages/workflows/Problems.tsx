import { Alert, UnstyledButton } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { Mistake } from '../../api/client';
import type { Draft } from './definition';
import classes from './Editor.module.css';
import { goTo } from './editing';
import { listed } from './problems';

export const problemCount = (n: number) => `${n} ${n === 1 ? 'problem' : 'problems'}`;

/** All that is wrong, each leading to where it is. */
export function Problems({ mistakes, draft }: { mistakes: Mistake[]; draft: Draft }) {
  const all = listed(mistakes, draft);
  if (all.length === 0) return null;
  return (
    <Alert
      color="orange"
      icon={<IconAlertCircle size={18} />}
      title={`${problemCount(all.length)} to solve before it can be saved`}
      id="problems"
    >
      <ul className={classes.problems}>
        {all.map((m) => (
          <li key={`${m.path} ${m.message}`}>
            <UnstyledButton className={classes.problemLink} onClick={() => goTo(m.path)}>
              <strong>{m.place}</strong>: {m.message}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Alert>
  );
}
