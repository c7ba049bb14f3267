import { Button, Menu, Text, VisuallyHidden } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type DragEvent, memo, useCallback, useMemo, useRef, useState } from 'react';
import { focusNew } from '../../components/focusNew';
import { actionGroups, actionKinds } from '../../words/action';
import { actionName } from '../../words/workflow';
import { ActionCard } from './ActionCard';
import classes from './Actions.module.css';
import { actionForms } from './actions';
import { copyOf, type DraftAction, moved, newId } from './definition';
import { EarlierSteps, markFresh, placeId, type StepOutput, useProblem } from './editing';

type Update = (change: (actions: DraftAction[]) => DraftAction[]) => void;

/** What earlier steps leave for those after them. */
export function outputsOf(actions: DraftAction[]): StepOutput[] {
  return actions.flatMap((a, i) =>
    a.name
      ? Object.entries(actionForms[a.type]?.outputs ?? {}).map(([output, { label, kind }]) => ({
          name: `steps.${a.name}.${output}`,
          label: `${label} (step ${i + 1})`,
          kind,
        }))
      : [],
  );
}

/** What the workflow does, in order: by drag, or by the handle's arrow keys and the buttons of each step. */
export const Actions = memo(function Actions({ actions, update }: { actions: DraftAction[]; update: Update }) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [gap, setGap] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const problem = useProblem('actions', ['[']);
  const named = JSON.stringify(actions.map((a) => [a.type, a.name]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only types and names make a difference
  const earlier = useMemo(() => actions.map((_, i) => outputsOf(actions.slice(0, i))), [named]);

  const move = useCallback(
    (id: string, by: (from: number) => number, focus: string) => {
      update((all) => {
        const from = all.findIndex((a) => a.id === id);
        const to = by(from);
        const next = moved(all, from, to);
        const action = all[from];
        if (next !== all && action) {
          setSaid(`${actionName(action.type)} is now step ${to + 1} of ${all.length}.`);
          requestAnimationFrame(() => {
            const button = document.getElementById(`${focus}-${id}`) as HTMLButtonElement | null;
            (button?.disabled ? document.getElementById(`handle-${id}`) : button)?.focus();
          });
        }
        return next;
      });
    },
    [update],
  );

  const onDragOver = (event: DragEvent) => {
    if (!dragged || !list.current) return;
    event.preventDefault();
    const cards = [...list.current.children];
    const after = cards.filter((card) => {
      const box = card.getBoundingClientRect();
      return event.clientY > box.top + box.height / 2;
    });
    setGap(after.length);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    if (dragged && gap !== null) {
      move(dragged, (from) => (gap > from ? gap - 1 : gap), 'handle');
    }
    setDragged(null);
    setGap(null);
  };
  const onDragEnd = () => {
    setDragged(null);
    setGap(null);
  };

  const add = (type: string) => {
    const action = markFresh({ id: newId(), type, name: '', config: actionForms[type]?.initial() ?? {} });
    update((all) => [...all, action]);
    // The menu gives the focus back to its button when it closes; this comes after it.
    setTimeout(() => focusNew(() => document.getElementById(`card-${action.id}`)?.querySelector('[data-form]')), 50);
  };

  return (
    <div className={classes.root} id={placeId('actions')}>
      {actions.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing yet. Add the first thing that Neo should do.
        </Text>
      )}
      <ol className={classes.list} ref={list} onDragOver={onDragOver} onDrop={onDrop} aria-label="Actions">
        {actions.map((action, i) => (
          <li
            key={action.id}
            className={classes.item}
            data-dragged={dragged === action.id || undefined}
            data-gap={gap === i ? 'before' : gap === actions.length && i === actions.length - 1 ? 'after' : undefined}
          >
            <EarlierSteps value={earlier[i] ?? []}>
              <ActionCard
                action={action}
                position={i}
                count={actions.length}
                update={update}
                move={move}
                onDragStart={(event) => {
                  event.dataTransfer.effectAllowed = 'move';
                  event.dataTransfer.setData('text/plain', action.id);
                  const card = document.getElementById(`card-${action.id}`);
                  if (card) event.dataTransfer.setDragImage(card, 20, 20);
                  setDragged(action.id);
                }}
                onDragEnd={onDragEnd}
                onCopy={() =>
                  update((all) => {
                    const at = all.findIndex((a) => a.id === action.id);
                    return [...all.slice(0, at + 1), copyOf(action), ...all.slice(at + 1)];
                  })
                }
              />
            </EarlierSteps>
          </li>
        ))}
      </ol>
      {problem && <p className={classes.problem}>{problem}</p>}
      <div>
        <AddAction onAdd={add} />
      </div>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </div>
  );
});

/** The groups of actions, as the menu stands them side by side. */
const columns = [actionGroups.slice(0, 1), actionGroups.slice(1)];

/** Whatever room there is above or below, all of the menu can be reached. */
function fit({ availableHeight, elements }: { availableHeight: number; elements: { floating: HTMLElement } }) {
  elements.floating.style.setProperty('--menu-room', `${Math.max(220, availableHeight)}px`);
}

function AddAction({ onAdd }: { onAdd: (type: string) => void }) {
  return (
    <Menu
      position="bottom-start"
      width="min(620px, calc(100vw - 32px))"
      shadow="md"
      middlewares={{ flip: true, shift: true, size: { padding: 8, apply: fit } }}
    >
      <Menu.Target>
        <Button variant="light" leftSection={<IconPlus size={16} />}>
          Add action
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.menu}>
          {columns.map((groups) => (
            <div key={groups.join()}>
              {groups.map((group) => (
                <ActionGroup key={group} group={group} onAdd={onAdd} />
              ))}
            </div>
          ))}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}

function ActionGroup({ group, onAdd }: { group: string; onAdd: (type: string) => void }) {
  return (
    <>
      <Menu.Label>{group}</Menu.Label>
      {actionKinds
        .filter((kind) => kind.group === group)
        .map((kind) => {
          const Icon = actionForms[kind.type]?.icon;
          return (
            <Menu.Item
              key={kind.type}
              leftSection={Icon && <Icon size={18} stroke={1.6} className={classes.menuIcon} />}
              onClick={() => onAdd(kind.type)}
              aria-label={kind.label}
              className={classes.menuItem}
            >
              <span className={classes.kind}>{kind.label}</span>
              <span className={classes.kindHint}>{kind.hint}</span>
            </Menu.Item>
          );
        })}
    </>
  );
}
