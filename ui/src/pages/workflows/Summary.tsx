import { Text } from '@mantine/core';
import { memo } from 'react';
import type { Definition } from '../../api/client';
import {
  actionWords,
  type ConditionNode,
  conditionOutline,
  noteText,
  optionWords,
  triggerWords,
} from '../../words/workflow';
import { useValueNames } from './names';
import classes from './Summary.module.css';

/** A definition, readable: when, if, then. */
export const Summary = memo(function Summary({ definition }: { definition: Definition }) {
  const names = useValueNames(definition);
  const conditions = conditionOutline(definition, names);
  const actions = definition.actions ?? [];
  return (
    <div className={classes.root}>
      <Part label="When">
        <Text fw={550} className="break">
          {triggerWords(definition, names)}
        </Text>
        {optionWords(definition).map((words) => (
          <Text key={words} size="sm" c="dimmed">
            {words}
          </Text>
        ))}
      </Part>
      <Part label="If">
        {conditions ? <Outline node={conditions} /> : <Text c="dimmed">Always: there are no further conditions</Text>}
      </Part>
      <Part label="Then">
        {actions.length === 0 ? (
          <Text c="dimmed">Nothing: there are no actions</Text>
        ) : (
          <ol className={classes.actions}>
            {actions.map((action, i) => {
              const note = noteText(action);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: an action has no identity but its position
                <li key={i}>
                  <Text fw={550} className="break">
                    {actionWords(action, names)}
                  </Text>
                  {note && <blockquote className={classes.note}>{note}</blockquote>}
                </li>
              );
            })}
          </ol>
        )}
      </Part>
    </div>
  );
});

function Part({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <section className={classes.part} aria-label={label}>
      <div className={classes.label}>{label}</div>
      <div style={{ minWidth: 0 }}>{children}</div>
    </section>
  );
}

function Outline({ node }: { node: ConditionNode }) {
  if (node.members.length === 0) return <Text className="break">{node.text}</Text>;
  return (
    <div>
      <Text size="sm" c="dimmed">
        {node.text}
      </Text>
      <ul className={classes.outline}>
        {node.members.map((member, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no identity but its position
          <li key={i}>
            <Outline node={member} />
          </li>
        ))}
      </ul>
    </div>
  );
}
