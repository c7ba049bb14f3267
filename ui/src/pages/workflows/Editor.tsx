import {
  ActionIcon,
  Alert,
  Button,
  Card,
  Collapse,
  Drawer,
  Group,
  Menu,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconDots, IconFlask, IconHistory, IconPlayerTrackPrev } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Definition, Mistake } from '../../api/client';
import { Problem } from '../../api/problem';
import { dropLeaveGuard, useLeaveGuard } from '../../app/leave';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { splitValues } from '../../words/values';
import { Actions } from './Actions';
import { entries } from './catalogue';
import { fieldsQuery } from './choices';
import { DraftNotice } from './DraftNotice';
import { canonical, type Draft, type DraftAction, isGroup, parse, pretty, toDefinition, toDraft } from './definition';
import { dropDraft, keepDraft, readDraft } from './drafts';
import classes from './Editor.module.css';
import { EditingProvider, goTo, placeId, useProblem } from './editing';
import { MatchLine } from './MatchLine';
import { EnableAnyway, ObstaclesPanel } from './Obstacles';
import { OptionsForm } from './OptionsForm';
import { MistakeLinks, Problems, problemCount } from './Problems';
import { checkQuery, type SaveAs } from './queries';
import { Rules } from './Rules';
import { readinessQuery } from './readiness';
import { Summary } from './Summary';
import { Trigger } from './Trigger';
import { BacktestPanel } from './trying/BacktestPanel';
import { ShadowPanel } from './trying/ShadowPanel';
import { TestPanel } from './trying/TestPanel';
import { VersionsPanel } from './trying/VersionsPanel';

interface Props {
  title: string;
  lead?: ReactNode;
  back: { href: string; label: string };
  /** Names the draft that is kept while the tab lives. */
  draftKey: string;
  /** What is saved so far, or the template. */
  saved: Definition;
  /** The version that was edited; 0 for a new workflow. */
  version: number;
  /** A save that began has something to save even when nothing was typed. */
  isNew?: boolean;
  /** Resolves with where to go when it is saved; undefined stays here. */
  save: (definition: Definition, as?: SaveAs) => Promise<string | undefined>;
  saving: boolean;
  error: unknown;
  /** Told to people when saving failed, besides the API's message. */
  advice?: ReactNode;
  /** Something to know before going on. */
  notice?: ReactNode;
  /** The switch that turns it on. */
  enable: ReactNode;
  /** Of a saved workflow: what has versions and a record of runs. */
  id?: string;
  onDiscard?: () => void;
  /** It is on: to save it as a draft turns it off. */
  enabled?: boolean;
  /** Takes a refusal to enable it back. */
  onDecline?: () => void;
}

type Panel = 'test' | 'backtest' | 'versions' | 'shadow';

const panelTitles: Record<Panel, string> = {
  test: 'Test on a ticket',
  backtest: 'Backtest',
  versions: 'Versions',
  shadow: 'Shadow mode',
};

/** Edits a workflow: as a form, or as the JSON of the same draft. */
export function Editor(props: Props) {
  const { draftKey, saved, version, save, saving, error, id } = props;
  const [, navigate] = useLocation();
  const [kept] = useState(() => readDraft(draftKey));
  const [restored, setRestored] = useState(kept !== null);
  const keptDefinition = kept ? parse(kept.text).definition : undefined;
  const [draft, setDraft] = useState<Draft>(() => toDraft(keptDefinition ?? saved));
  // What is typed as JSON; null while the form is shown.
  const [text, setText] = useState<string | null>(kept && (kept.json || !keptDefinition) ? kept.text : null);
  const [complaint, setComplaint] = useState('');
  const [strict, setStrict] = useState(false);
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const [panel, setPanel] = useState<Panel | null>(null);

  const parsed = useMemo(() => (text === null ? null : parse(text)), [text]);
  const broken = parsed?.error;
  const fromForm = useMemo(() => toDefinition(draft), [draft]);
  const definition = parsed?.definition ?? fromForm;
  const json = useMemo(() => JSON.stringify(definition), [definition]);

  const savedText = useMemo(() => canonical(saved), [saved]);
  const dirty = useMemo(
    () => broken !== undefined || canonical(definition) !== savedText,
    [broken, definition, savedText],
  );
  // Words and counts may come a moment after what is typed.
  const calm = useDeferredValue(definition);
  useEffect(() => {
    if (dirty) keepDraft(draftKey, { version, text: text ?? pretty(fromForm), json: text !== null });
    else dropDraft(draftKey);
  }, [draftKey, version, dirty, text, fromForm]);

  const onLeave = useCallback((proceed: () => void) => setLeaving(() => proceed), []);
  useLeaveGuard(dirty, onLeave);
  const leave = (go: () => void, keep: boolean) => {
    dropLeaveGuard();
    if (keep) keepDraft(draftKey, { version, text: text ?? pretty(fromForm), json: text !== null });
    else dropDraft(draftKey);
    setLeaving(null);
    go();
  };

  const update = useCallback((patch: Partial<Draft>) => setDraft((d) => ({ ...d, ...patch })), []);
  const updateActions = useCallback(
    (change: (actions: DraftAction[]) => DraftAction[]) => setDraft((d) => ({ ...d, actions: change(d.actions) })),
    [],
  );
  const updateRules = useCallback((conditions: Draft['conditions']) => setDraft((d) => ({ ...d, conditions })), []);
  const updateOptions = useCallback(
    (patch: Partial<Draft['options']>) => setDraft((d) => ({ ...d, options: { ...d.options, ...patch } })),
    [],
  );
  const showShadow = useCallback(() => setPanel('shadow'), []);
  const load = (next: Definition) => {
    setDraft(toDraft(next));
    setText((t) => (t === null ? null : pretty(next)));
    setComplaint('');
  };
  const typed = (next: string) => {
    setText(next);
    setComplaint('');
    const read = parse(next);
    if (read.definition) setDraft(toDraft(read.definition));
  };
  const show = (as: string) => {
    if (as === 'json') setText(pretty(fromForm));
    else if (broken) setComplaint(broken);
    else setText(null);
  };

  const found = useMistakes(definition, json, broken === undefined, error);
  // What a new workflow does not have yet is no mistake until somebody wants to save it.
  const begun = !props.isNew || strict;
  const mistakes = useMemo(
    () => (begun ? found : found.filter((m) => dirty && m.path !== 'name' && m.path !== 'actions')),
    [begun, dirty, found],
  );
  const failure = useRef<HTMLDivElement>(null);
  const submit = async (as?: SaveAs) => {
    setStrict(true);
    if (broken) {
      setComplaint(broken);
      return;
    }
    const whole = as?.draft && !definition.name.trim() ? { ...definition, name: 'Untitled workflow' } : definition;
    try {
      const to = await save(whole, as);
      if (whole !== definition) load(whole);
      setRestored(false);
      setStrict(false);
      if (to !== undefined) leave(() => navigate(to, { replace: true }), false);
    } catch {
      // What is wrong is shown beneath the toolbar, from `error`, and must not be off screen.
      requestAnimationFrame(() => {
        failure.current?.scrollIntoView({ block: 'center' });
        failure.current?.focus({ preventScroll: true });
      });
    }
  };
  const readiness = useReadiness(calm, broken === undefined, id);
  const refused = error ? Problem.from(error) : undefined;
  const draftLabel = props.enabled ? 'Save as draft and disable' : 'Save as draft';

  const context = useContextOf(draft, mistakes, strict);
  const panels: { panel: Panel; label: string; icon: ReactNode }[] = [
    { panel: 'test', label: 'Test on a ticket…', icon: <IconFlask size={16} /> },
    { panel: 'backtest', label: 'Backtest…', icon: <IconPlayerTrackPrev size={16} /> },
    ...(id ? [{ panel: 'versions' as const, label: 'Versions…', icon: <IconHistory size={16} /> }] : []),
  ];

  return (
    <Page title={props.title} lead={props.lead} back={props.back} actions={props.enable}>
      <EditingProvider value={context}>
        <div className={classes.toolbar} role="toolbar" aria-label="Workflow">
          <SegmentedControl
            aria-label="Show"
            data={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'As JSON' },
            ]}
            value={text === null ? 'form' : 'json'}
            onChange={show}
            size="sm"
          />
          <Group gap={6} wrap="nowrap" className={classes.buttons}>
            {mistakes.length > 0 && (
              <Button
                variant="subtle"
                color="orange"
                size="compact-sm"
                onClick={() => mistakes[0] && goTo(mistakes[0].path)}
              >
                {problemCount(mistakes.length)}
              </Button>
            )}
            {dirty && mistakes.length === 0 && (
              <Text size="sm" c="dimmed" className={classes.unsaved}>
                Unsaved changes
              </Text>
            )}
            {panels.map((p) => (
              <Button key={p.panel} variant="default" size="sm" visibleFrom="sm" onClick={() => setPanel(p.panel)}>
                {p.label}
              </Button>
            ))}
            <Menu position="bottom-end" shadow="md">
              <Menu.Target>
                <ActionIcon variant="default" size={34} hiddenFrom="sm" aria-label="Try it, and versions">
                  <IconDots size={18} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {panels.map((p) => (
                  <Menu.Item key={p.panel} leftSection={p.icon} onClick={() => setPanel(p.panel)}>
                    {p.label}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Button size="sm" onClick={() => void submit()} loading={saving}>
              Save
            </Button>
          </Group>
        </div>

        {props.notice}
        {restored && (
          <DraftNotice
            title="This is your draft"
            text="Your unsaved changes were kept when you left this page."
            onContinue={() => setRestored(false)}
            onDiscard={() => {
              dropDraft(draftKey);
              load(saved);
              setText(null);
              setRestored(false);
              props.onDiscard?.();
            }}
          />
        )}
        {refused && (
          <div ref={failure} tabIndex={-1}>
            {refused.mistakes.length > 0 && refused.obstacles.length === 0 ? (
              <NotSaved
                problem={refused}
                draft={draft}
                busy={saving}
                onSaveDraft={() => void submit({ draft: true })}
                draftLabel={draftLabel}
              />
            ) : refused.obstacles.length === 0 ? (
              <Failure title="The workflow was not saved" error={error}>
                {props.advice}
              </Failure>
            ) : null}
          </div>
        )}
        {refused && refused.obstacles.length > 0 && props.onDecline && (
          <EnableAnyway
            name={definition.name}
            obstacles={refused.obstacles}
            definition={definition}
            busy={saving}
            onClose={props.onDecline}
            onAnyway={(reason) => void submit({ reason })}
            onWithout={() => void submit({ off: true })}
          />
        )}

        <div className={classes.root}>
          {text === null ? (
            <Stack gap="md" className={classes.main}>
              <Section>
                <NameAndDescription draft={draft} update={update} />
              </Section>
              <Section word="When" title="Trigger">
                <Trigger trigger={draft.trigger} changes={draft.changes} schedule={draft.schedule} update={update} />
              </Section>
              <Section word="If" title="Rules" hint="Which tickets it is for.">
                {context.fieldsError !== null && (
                  <Text size="sm" c="dimmed" mb="xs">
                    The fields of the connected system could not be loaded: {Problem.from(context.fieldsError).message}
                  </Text>
                )}
                <Rules
                  group={draft.conditions}
                  onChange={updateRules}
                  path="conditions"
                  label="Rules"
                  empty="No rules: every ticket matches."
                />
                <MatchLine definition={calm} />
              </Section>
              <Section word="Then" title="Actions" hint="What Neo does, in this order.">
                <Actions actions={draft.actions} update={updateActions} />
              </Section>
              <Section title="Options">
                <OptionsForm
                  options={draft.options}
                  trigger={draft.trigger}
                  onChange={updateOptions}
                  onShadow={id ? showShadow : undefined}
                />
              </Section>
            </Stack>
          ) : (
            <Textarea
              label="Definition (JSON)"
              value={text}
              onChange={(event) => typed(event.currentTarget.value)}
              autosize
              minRows={18}
              maxRows={34}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              classNames={{ input: classes.code }}
              error={complaint || broken || undefined}
            />
          )}
          <Stack component="aside" gap="md" className={classes.side} aria-label="Problems and summary">
            <Problems
              mistakes={mistakes}
              draft={draft}
              onSaveDraft={begun && !refused && !broken ? () => void submit({ draft: true }) : undefined}
              draftLabel={draftLabel}
            />
            <ObstaclesPanel {...readiness} definition={calm} />
            <Card component="section" aria-label="In words" className={classes.words}>
              <Title order={2} mb="md">
                In words
              </Title>
              <Summary definition={calm} />
            </Card>
          </Stack>
        </div>

        <Drawer
          opened={panel !== null}
          onClose={() => setPanel(null)}
          position="right"
          size="min(720px, 100%)"
          title={panel && <span className={classes.panelTitle}>{panelTitles[panel]}</span>}
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          {panel === 'test' && <TestPanel definition={definition} />}
          {panel === 'backtest' && <BacktestPanel definition={definition} />}
          {panel === 'versions' && id && (
            <VersionsPanel
              id={id}
              onRestore={(old) => {
                load(old);
                setPanel(null);
              }}
            />
          )}
          {panel === 'shadow' && id && <ShadowPanel id={id} />}
        </Drawer>

        <Modal opened={leaving !== null} onClose={() => setLeaving(null)} title="Leave without saving?" centered>
          <Text size="sm" mb="lg">
            Neo keeps your changes as a draft in this tab. You can continue it when you come back.
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setLeaving(null)} data-autofocus>
              Stay
            </Button>
            <Button variant="default" color="red" onClick={() => leaving && leave(leaving, false)}>
              Discard changes
            </Button>
            <Button onClick={() => leaving && leave(leaving, true)}>Leave</Button>
          </Group>
        </Modal>
      </EditingProvider>
    </Page>
  );
}

/** Why a save was refused, in the words of the form; the API's own words are one click away. */
function NotSaved({
  problem,
  draft,
  busy,
  onSaveDraft,
  draftLabel,
}: {
  problem: Problem;
  draft: Draft;
  busy: boolean;
  onSaveDraft: () => void;
  draftLabel: string;
}) {
  const [opened, { toggle }] = useDisclosure(false);
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle size={18} />}
      title={`The workflow was not saved: ${problemCount(problem.mistakes.length)} to solve`}
      role="alert"
    >
      <MistakeLinks mistakes={problem.mistakes} draft={draft} />
      <Group gap="xs" mt="sm">
        <Button size="xs" variant="default" onClick={onSaveDraft} loading={busy}>
          {draftLabel}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={toggle} aria-expanded={opened}>
          API details
        </Button>
      </Group>
      <Collapse expanded={opened}>
        <Text size="xs" className="mono break" mt="xs" style={{ whiteSpace: 'pre-wrap' }}>
          {problem.details.join('\n')}
        </Text>
      </Collapse>
    </Alert>
  );
}

function Section({
  word,
  title,
  hint,
  children,
}: {
  word?: string;
  title?: string;
  hint?: string;
  children: ReactNode;
}) {
  return (
    <Card component="section" className={classes.section} aria-label={title}>
      {title && (
        <div className={classes.sectionHead}>
          {word && <span className={classes.word}>{word}</span>}
          <Title order={2}>{title}</Title>
          {hint && (
            <Text size="sm" c="dimmed">
              {hint}
            </Text>
          )}
        </div>
      )}
      {children}
    </Card>
  );
}

function NameAndDescription({ draft, update }: { draft: Draft; update: (patch: Partial<Draft>) => void }) {
  const nameProblem = useProblem('name');
  const descriptionProblem = useProblem('description');
  return (
    <Stack gap="sm">
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => update({ name: event.currentTarget.value })}
        placeholder="What people recognise it by"
        error={nameProblem}
        id={placeId('name')}
        autoComplete="off"
      />
      <Textarea
        label="Description"
        value={draft.description}
        onChange={(event) => update({ description: event.currentTarget.value })}
        placeholder="Optional: why it is there"
        autosize
        minRows={1}
        maxRows={8}
        error={descriptionProblem}
        id={placeId('description')}
      />
    </Stack>
  );
}

const ready = { obstacles: [], unchecked: [] };

/** What would keep the draft from working, a while after each change: instances are asked. */
function useReadiness(definition: Definition, whole: boolean, id?: string) {
  const [settled] = useDebouncedValue(definition, 1_500);
  const text = useMemo(() => JSON.stringify(settled), [settled]);
  const readiness = useQuery({
    ...readinessQuery(settled, text, id),
    enabled: whole && (settled.actions?.length ?? 0) > 0,
    placeholderData: keepPreviousData,
  });
  return readiness.data ?? ready;
}

/** What the server says is wrong with the draft, a moment after each change; what it said to a save counts at once. */
function useMistakes(definition: Definition, json: string, whole: boolean, error: unknown): Mistake[] {
  const [settled] = useDebouncedValue({ definition, json }, 400);
  const check = useQuery({
    ...checkQuery(settled.definition, settled.json),
    enabled: whole,
    placeholderData: keepPreviousData,
  });
  const refused = useMemo(() => (error ? Problem.from(error).mistakes : []), [error]);
  const none = useMemo(() => [], []);
  return check.data ?? (refused.length ? refused : none);
}

function useContextOf(draft: Draft, mistakes: Mistake[], strict: boolean) {
  const fields = useQuery(fieldsQuery);
  const all = useMemo(() => entries(fields.data ?? []), [fields.data]);
  const typeRules = draft.conditions.rules;
  const scoped = draft.conditions.combinator === 'and' && !draft.conditions.not;
  const leaf = scoped
    ? typeRules.find((r) => !isGroup(r) && r.field === 'ticket_type' && (r.operator === '=' || r.operator === 'in'))
    : undefined;
  const wanted = leaf && !isGroup(leaf) ? leaf.value : '';
  const started = draft.trigger === 'TRIGGERED' ? draft.changes : [];
  const changed = started.map((c) => (c.change_type === 'STATE_CHANGED' ? 'state' : c.target_field)).join();
  return useMemo(
    () => ({
      fields: all,
      changed: [...new Set(changed.split(',').filter(Boolean))],
      fieldsPending: fields.isPending,
      fieldsError: fields.error,
      classes: splitValues(wanted),
      mistakes,
      strict,
    }),
    [all, changed, fields.isPending, fields.error, wanted, mistakes, strict],
  );
}
