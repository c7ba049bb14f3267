import { ActionIcon, Button, Menu, Select, Text } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDotsVertical,
  IconFolderPlus,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { focusNew } from '../../components/focusNew';
import { arityOf, type Entry, entries, entryOf, operatorsFor } from './catalogue';
import {
  copyOf,
  type DraftGroup,
  type DraftLeaf,
  type DraftRule,
  emptyGroup,
  emptyLeaf,
  isGroup,
  moved,
} from './definition';
import { Fresh, markFresh, placeId, useEarlierSteps, useEditing, useProblem } from './editing';
import { FieldPicker } from './pickers';
import classes from './Rules.module.css';
import { RuleValue } from './RuleValue';

interface Props {
  group: DraftGroup;
  onChange: (group: DraftGroup) => void;
  /** Where the group is in the definition's JSON. */
  path: string;
  /** What the group is called, for those who cannot see where it stands. */
  label: string;
  /** Said while there is no rule. */
  empty: string;
  /** Rules may also name results of earlier steps. */
  withSteps?: boolean;
}

/** Builds a tree of conditions. */
export const Rules = memo(function Rules({ group, onChange, path, label, empty, withSteps }: Props) {
  const steps = useEarlierSteps();
  const extra = useMemo(
    () => (withSteps ? [...entries([], steps).values()].filter((e) => e.group === 'Earlier steps') : undefined),
    [withSteps, steps],
  );
  return (
    <GroupBox
      group={group}
      onChange={(rule) => onChange(rule as DraftGroup)}
      path={path}
      label={label}
      empty={empty}
      extra={extra}
      depth={0}
    />
  );
});

interface NodeProps {
  path: string;
  label: string;
  extra?: Entry[];
  depth: number;
}

const joins = [
  { value: 'and', label: 'All of these are true' },
  { value: 'or', label: 'Any of these is true' },
  { value: 'not or', label: 'None of these is true' },
  { value: 'not and', label: 'Not all of these are true' },
];

function GroupBox({
  group,
  onChange,
  path,
  label,
  empty,
  extra,
  depth,
  tools,
}: NodeProps & {
  group: DraftGroup;
  onChange: (group: DraftGroup) => void;
  empty: string;
  tools?: React.ReactNode;
}) {
  const { rules } = group;
  const problem = useProblem(path, ['.rules[']);
  const set = (list: DraftRule[]) =>
    // Without rules there is nothing to join: an empty group matches all, as it says.
    onChange(list.length === 0 ? { ...group, rules: list, combinator: 'and', not: false } : { ...group, rules: list });
  const replace = (i: number, rule: DraftRule | null) =>
    set(rule ? rules.map((r, at) => (at === i ? rule : r)) : rules.filter((_, at) => at !== i));
  const add = (rule: DraftRule) => {
    set([...rules, markFresh(rule)]);
    const first = isGroup(rule) ? rule.rules[0] : rule;
    if (first) focusNew(() => document.getElementById(`rule-${first.id}`));
  };
  const joined = rules.length > 0 || group.combinator === 'or' || group.not;
  return (
    <fieldset className={classes.group} data-depth={depth} id={placeId(path)} aria-label={label}>
      {(joined || tools) && (
        <div className={classes.head}>
          {joined ? (
            <Select
              aria-label={`How ${label.toLowerCase()} are joined`}
              data={joins}
              value={`${group.not ? 'not ' : ''}${group.combinator}`}
              onChange={(v) =>
                v && onChange({ ...group, not: v.startsWith('not'), combinator: v.endsWith('or') ? 'or' : 'and' })
              }
              allowDeselect={false}
              size="xs"
              className={classes.join}
              comboboxProps={{ width: 220, position: 'bottom-start' }}
            />
          ) : (
            <Text size="sm" c="dimmed">
              Nothing in it yet
            </Text>
          )}
          {tools}
        </div>
      )}
      {rules.length === 0 && depth === 0 && (
        <Text size="sm" c="dimmed" className={classes.none}>
          {empty}
        </Text>
      )}
      {rules.length > 0 && (
        <ul className={classes.rules}>
          {rules.map((rule, i) => {
            const toolbar = (name: string) => (
              <Tools
                name={name}
                position={i}
                count={rules.length}
                onMove={(to) => set(moved(rules, i, to))}
                onCopy={() => {
                  const copy = copyOf(rule);
                  set([...rules.slice(0, i + 1), copy, ...rules.slice(i + 1)]);
                  focusNew(() => document.getElementById(`rule-${copy.id}`));
                }}
                onWrap={depth < 4 ? () => replace(i, { ...emptyGroup(), rules: [rule] }) : undefined}
                onUnwrap={
                  isGroup(rule) ? () => set([...rules.slice(0, i), ...rule.rules, ...rules.slice(i + 1)]) : undefined
                }
                onRemove={() => replace(i, null)}
              />
            );
            const at = `${path}.rules[${i}]`;
            return (
              <li key={rule.id} id={`rule-${rule.id}`}>
                {isGroup(rule) ? (
                  <GroupBox
                    group={rule}
                    onChange={(g) => replace(i, g)}
                    path={at}
                    label={`Rules of group ${i + 1}${depth ? ` in ${label.toLowerCase()}` : ''}`}
                    empty={empty}
                    extra={extra}
                    depth={depth + 1}
                    tools={toolbar(`group ${i + 1}`)}
                  />
                ) : (
                  <Fresh id={rule.id}>
                    <Leaf
                      rule={rule}
                      onChange={(r) => replace(i, r)}
                      path={at}
                      label={`Rule ${i + 1}`}
                      extra={extra}
                      tools={toolbar(`rule ${i + 1}`)}
                    />
                  </Fresh>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {problem && (
        <Text size="sm" className={classes.problem}>
          {problem}
        </Text>
      )}
      <div className={classes.add}>
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconPlus size={14} />}
          onClick={() => add(emptyLeaf())}
          aria-label={depth ? `Add rule to ${label.toLowerCase()}` : undefined}
        >
          Add rule
        </Button>
        {depth < 4 && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconFolderPlus size={14} />}
            onClick={() =>
              add({ ...emptyGroup(), combinator: depth % 2 ? 'and' : 'or', rules: [markFresh(emptyLeaf())] })
            }
            aria-label={depth ? `Add group to ${label.toLowerCase()}` : undefined}
          >
            Add group
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** Kinds whose values take room: two of them have a line of their own. */
const wide = new Set(['span', 'time', 'date', 'duration']);

function Leaf({
  rule,
  onChange,
  path,
  label,
  extra,
  tools,
}: {
  rule: DraftLeaf;
  onChange: (rule: DraftLeaf) => void;
  path: string;
  label: string;
  extra?: Entry[];
  tools: React.ReactNode;
}) {
  const { fields } = useEditing();
  const entry = extra?.find((e) => e.name === rule.field) ?? entryOf(fields, rule.field);
  const fieldProblem = useProblem(`${path}.field`);
  const operatorProblem = useProblem(`${path}.operator`);
  const problem = useProblem(path, ['.field', '.operator']);
  const withoutValue = arityOf(rule.operator) === 'none';

  const pickField = (name: string) => {
    const next = extra?.find((e) => e.name === name) ?? entryOf(fields, name);
    const offered = operatorsFor(next.kind).map((o) => o.value);
    const keep = next.kind === entry.kind && offered.includes(rule.operator);
    const sameValues = keep && next.kind !== 'choice' && next.kind !== 'reference';
    onChange({
      ...rule,
      field: name,
      operator: keep ? rule.operator : (offered[0] ?? '='),
      value: sameValues ? rule.value : '',
    });
  };
  const pickOperator = (operator: string) => {
    const [from, to] = [arityOf(rule.operator), arityOf(operator)];
    const listed = (a: string) => a === 'one' || a === 'many';
    const keep = from === to || (listed(from) && listed(to) && !rule.value.includes(','));
    onChange({ ...rule, operator, value: keep ? rule.value : '' });
  };

  return (
    <fieldset
      className={classes.rule}
      aria-label={label}
      data-wide={(arityOf(rule.operator) === 'two' && wide.has(entry.kind)) || undefined}
    >
      <div className={classes.field}>
        <FieldPicker
          label={`${label}, field`}
          value={rule.field}
          onChange={pickField}
          extra={extra}
          error={fieldProblem}
          id={placeId(`${path}.field`)}
        />
      </div>
      {rule.field ? (
        <>
          <div className={classes.operator}>
            <Select
              aria-label={`${label}, operator`}
              data={operatorsFor(entry.kind, rule.operator)}
              value={rule.operator}
              onChange={(o) => o && pickOperator(o)}
              allowDeselect={false}
              error={operatorProblem}
              maxDropdownHeight={340}
              id={placeId(`${path}.operator`)}
              comboboxProps={{ width: 210, position: 'bottom-start' }}
            />
          </div>
          <div className={classes.value} key={`${rule.field} ${rule.operator}`} id={placeId(`${path}.value`)}>
            <RuleValue
              entry={entry}
              operator={rule.operator}
              value={rule.value}
              onChange={(value) => onChange({ ...rule, value })}
              error={problem}
            />
            {withoutValue && problem && (
              <Text size="sm" className={classes.problem}>
                {problem}
              </Text>
            )}
          </div>
        </>
      ) : (
        <div className={classes.rest}>
          {problem && (
            <Text size="sm" className={classes.problem}>
              {problem}
            </Text>
          )}
        </div>
      )}
      <div className={classes.tools}>{tools}</div>
    </fieldset>
  );
}

function Tools({
  name,
  position,
  count,
  onMove,
  onCopy,
  onWrap,
  onUnwrap,
  onRemove,
}: {
  name: string;
  position: number;
  count: number;
  onMove: (to: number) => void;
  onCopy: () => void;
  onWrap?: () => void;
  onUnwrap?: () => void;
  onRemove: () => void;
}) {
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
            <IconDotsVertical size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowUp size={15} />}
            disabled={position === 0}
            onClick={() => onMove(position - 1)}
          >
            Move up
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={15} />}
            disabled={position === count - 1}
            onClick={() => onMove(position + 1)}
          >
            Move down
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={onCopy}>
            Duplicate
          </Menu.Item>
          {onWrap && (
            <Menu.Item leftSection={<IconFolderPlus size={15} />} onClick={onWrap}>
              Put into a group
            </Menu.Item>
          )}
          {onUnwrap && <Menu.Item onClick={onUnwrap}>Dissolve the group</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </>
  );
}
