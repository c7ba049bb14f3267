import { Alert, Button, UnstyledButton } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Mistake } from '../../api/client';
import type { Draft } from './definition';
import classes from './Editor.module.css';
import { goTo } from './editing';
import { listed } from './problems';

export const problemCount = (n: number) => `${n} ${n === 1 ? 'problem' : 'problems'}`;

/** Mistakes as people see the form, each leading to its field. */
export function MistakeLinks({ mistakes, draft }: { mistakes: Mistake[]; draft: Draft }) {
  return (
    <ul className={classes.problems}>
      {listed(mistakes, draft).map((m) => (
        <li key={`${m.path} ${m.message}`}>
          <UnstyledButton className={classes.problemLink} onClick={() => goTo(m.path)}>
            <strong>{m.place}</strong>: {m.message}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

/** All that is wrong, each leading to where it is. */
export function Problems({
  mistakes,
  draft,
  onSaveDraft,
  draftLabel,
}: {
  mistakes: Mistake[];
  draft: Draft;
  /** Saves it unfinished. */
  onSaveDraft?: () => void;
  draftLabel?: ReactNode;
}) {
  const all = listed(mistakes, draft);
  if (all.length === 0) return null;
  return (
    <Alert
      color="orange"
      icon={<IconAlertCircle size={18} />}
      title={`${problemCount(all.length)} to solve before it can be enabled`}
      id="problems"
    >
      <MistakeLinks mistakes={mistakes} draft={draft} />
      {onSaveDraft && (
        <Button size="compact-sm" variant="default" mt="sm" onClick={onSaveDraft}>
          {draftLabel ?? 'Save as draft'}
        </Button>
      )}
    </Alert>
  );
}
