import { ActionIcon, Collapse, Menu, Text, TextInput, UnstyledButton } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconCopy,
  IconDotsVertical,
  IconGripVertical,
  IconTag,
  IconTrash,
} from '@tabler/icons-react';
import { type DragEvent, type KeyboardEvent, memo, useState } from 'react';
import { actionName, actionWords } from '../../words/workflow';
import classes from './Actions.module.css';
import { actionForms, unknownIcon } from './actions';
import { type Config, type DraftAction, toSpec } from './definition';
import { Fresh, placeId, useProblem } from './editing';
import { Json } from './Json';

interface Props {
  action: DraftAction;
  position: number;
  count: number;
  update: (change: (actions: DraftAction[]) => DraftAction[]) => void;
  move: (id: string, by: (from: number) => number, focus: string) => void;
  onCopy: () => void;
  onDragStart: (event: DragEvent<HTMLElement>) => void;
  onDragEnd: () => void;
}

/** One step: what kind it is, its form, and what can be done with it. */
export const ActionCard = memo(
  function ActionCard(props: Props) {
    return (
      <Fresh id={props.action.id} className={classes.fresh}>
        <Card {...props} />
      </Fresh>
    );
  },
  // The rest are functions that only look at the newest state when they are called.
  (a, b) => a.action === b.action && a.position === b.position && a.count === b.count,
);

function Card({ action, position, count, update, move, onCopy, onDragStart, onDragEnd }: Props) {
  const [open, setOpen] = useState(true);
  const form = actionForms[action.type];
  const [naming, setNaming] = useState(Boolean(action.name || form?.outputs));
  const Icon = form?.icon ?? unknownIcon;
  const path = `actions[${position}]`;
  const label = actionName(action.type);
  const step = `step ${position + 1}`;
  const nameProblem = useProblem(`${path}.name`);
  const problem = useProblem(path, ['.name', ...(form?.keys ?? []).map((key) => `.config.${key}`)]);
  const anyProblem = useProblem(path);

  const change = (next: (a: DraftAction) => DraftAction) =>
    update((all) => all.map((a) => (a.id === action.id ? next(a) : a)));
  const set = (patch: Config) =>
    change((a) => {
      const config = { ...a.config, ...patch };
      for (const key of Object.keys(patch)) if (config[key] === undefined) delete config[key];
      return { ...a, config };
    });
  const up = (focus: string) => move(action.id, (from) => from - 1, focus);
  const down = (focus: string) => move(action.id, (from) => from + 1, focus);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    if (event.key === 'ArrowUp') up('handle');
    else down('handle');
  };

  return (
    <section
      className={classes.card}
      id={`card-${action.id}`}
      aria-label={`Step ${position + 1}: ${label}`}
      data-bad={Boolean(anyProblem) || undefined}
    >
      <div className={classes.head} id={placeId(path)}>
        <button
          type="button"
          className={classes.handle}
          id={`handle-${action.id}`}
          draggable
          onDragStart={onDragStart}
          onDragEnd={onDragEnd}
          onKeyDown={onKeyDown}
          aria-label={`Move ${step}: drag, or press arrow up or down`}
        >
          <IconGripVertical size={16} aria-hidden="true" />
        </button>
        <UnstyledButton className={classes.title} onClick={() => setOpen(!open)} aria-expanded={open}>
          <span className={classes.icon} aria-hidden="true">
            <Icon size={18} stroke={1.7} />
          </span>
          <span className={classes.names}>
            <span className={classes.label}>
              <span className={classes.number}>{position + 1}</span> {label}
              {action.name && <code className={classes.stepName}>{action.name}</code>}
            </span>
            {!open && (
              <Text component="span" size="sm" c="dimmed" truncate>
                {actionWords(toSpec(action))}
              </Text>
            )}
          </span>
          <IconChevronDown size={16} className={classes.chevron} data-open={open || undefined} aria-hidden="true" />
        </UnstyledButton>
        <div className={classes.tools}>
          <ActionIcon
            variant="subtle"
            color="gray"
            id={`up-${action.id}`}
            disabled={position === 0}
            onClick={() => up('up')}
            aria-label={`Move ${step} up`}
            className={classes.wide}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            id={`down-${action.id}`}
            disabled={position === count - 1}
            onClick={() => down('down')}
            aria-label={`Move ${step} down`}
            className={classes.wide}
          >
            <IconArrowDown size={16} />
          </ActionIcon>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More for ${step}`}>
                <IconDotsVertical size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconCopy size={15} />} onClick={onCopy}>
                Duplicate
              </Menu.Item>
              {!naming && !action.name && (
                <Menu.Item leftSection={<IconTag size={15} />} onClick={() => setNaming(true)}>
                  Name the step
                </Menu.Item>
              )}
              <Menu.Item
                leftSection={<IconArrowUp size={15} />}
                disabled={position === 0}
                onClick={() => up('handle')}
                hiddenFrom="sm"
              >
                Move up
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowDown size={15} />}
                disabled={position === count - 1}
                onClick={() => down('handle')}
                hiddenFrom="sm"
              >
                Move down
              </Menu.Item>
              <Menu.Item
                leftSection={<IconTrash size={15} />}
                color="red"
                onClick={() => update((all) => all.filter((a) => a.id !== action.id))}
              >
                Delete
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${step}`}
            onClick={() => update((all) => all.filter((a) => a.id !== action.id))}
            className={classes.wide}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      </div>
      {problem && <p className={classes.cardProblem}>{problem}</p>}
      <Collapse expanded={open}>
        <div className={classes.body}>
          <div className={classes.form} data-form>
            {form ? (
              <form.Form config={action.config} set={set} path={`${path}.config`} />
            ) : (
              <>
                <Text size="sm" c="dimmed">
                  This dashboard has no form for it. Its settings can be edited as JSON.
                </Text>
                <Json text={JSON.stringify(action.config, null, 2)} />
              </>
            )}
          </div>
          {(naming || action.name) && (
            <TextInput
              label="Step name"
              labelProps={{ className: classes.nameLabel }}
              value={action.name}
              onChange={(event) => {
                const name = event.currentTarget.value;
                change((a) => ({ ...a, name }));
              }}
              placeholder="so that later steps can use its result"
              size="xs"
              classNames={{ root: classes.stepNameInput, input: action.name ? 'mono' : undefined }}
              error={nameProblem}
              id={placeId(`${path}.name`)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </div>
      </Collapse>
    </section>
  );
}
