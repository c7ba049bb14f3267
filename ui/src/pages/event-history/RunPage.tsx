import { Alert, Anchor, Badge, Card, Loader, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import {
  IconArrowBackUp,
  IconCheck,
  IconClock,
  IconEye,
  IconHourglass,
  IconMinus,
  IconRoute,
  IconTicket,
  IconUserCheck,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ActionSpec, Run, Step } from '../../api/client';
import { Problem } from '../../api/problem';
import { Changes } from '../../components/Changes';
import { Fact, Facts } from '../../components/Facts';
import { Failure } from '../../components/Failure';
import { NotFoundPanel } from '../../components/NotFoundPanel';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { Page } from '../../components/Page';
import { PlanParts, PlanReason, PlanView } from '../../components/PlanView';
import { TicketLink } from '../../components/TicketLink';
import { When } from '../../components/When';
import { isFinal, look, stepStates } from '../../words/outcome';
import { planParts } from '../../words/plan';
import { capital, ticketClass, withArticle } from '../../words/ticket';
import { absolute, between } from '../../words/time';
import { actionWords } from '../../words/workflow';
import { workflowQuery } from '../workflows/queries';
import { LiveDot } from './LiveDot';
import { runQuery } from './queries';
import { RunActions } from './RunActions';
import classes from './RunPage.module.css';
import { createdNumber } from './run';
import { stepChanges, stepWords } from './step';

const back = { href: '/events', label: 'Event History' };

/** One execution of a workflow, step by step. */
export default function RunPage({ id }: { id: string }) {
  const run = useQuery({
    ...runQuery(id),
    // The live stream brings most news; this covers the time while it is broken.
    refetchInterval: ({ state }) => (state.data && !isFinal(state.data.outcome) ? 3_000 : false),
  });
  if (run.isPending) {
    return (
      <Page title="Run" back={back}>
        <Stack role="status" aria-label="Loading">
          <Skeleton height={130} radius="lg" />
          <Skeleton height={240} radius="lg" />
        </Stack>
      </Page>
    );
  }
  if (run.isError && !run.data) {
    return (
      <Page title="Run" back={back}>
        {Problem.from(run.error).code === 'not_found' ? (
          <NotFoundPanel
            title="There is no such run"
            text="The link may be old or mistyped. Look for the ticket in the Event History."
            href="/events"
            label="Go to the Event History"
          />
        ) : (
          <Failure
            title="The run could not be loaded"
            error={run.error}
            onRetry={() => void run.refetch()}
            retrying={run.isFetching}
          />
        )}
      </Page>
    );
  }
  return <LoadedRun run={run.data} />;
}

function LoadedRun({ run }: { run: Run }) {
  const final = isFinal(run.outcome);
  const workflow = useQuery({ ...workflowQuery(run.workflow_id), retry: false });
  // What it was going to do is known only while the workflow is still the one that ran.
  const same = workflow.data?.version === run.workflow_version;
  const actions = (same && workflow.data?.definition.actions) || [];
  const gone = Problem.from(workflow.error).code === 'not_found';
  const undo = run.cause === 'UNDO';
  const rest = undo ? [] : actions.slice(run.steps.length);

  return (
    <Page
      title={`${undo ? 'Undo of ' : ''}${run.workflow_name} on ${run.number}`}
      heading={
        <>
          {undo && 'Undo of '}
          {gone ? (
            run.workflow_name
          ) : (
            <Anchor component={Link} href={`/workflows/${run.workflow_id}`} inherit c="inherit">
              {run.workflow_name}
            </Anchor>
          )}{' '}
          on <TicketLink number={run.number} url={run.ticket_url} />
        </>
      }
      back={back}
      actions={
        <>
          {!final && <LiveDot />}
          <RunActions run={run} />
        </>
      }
    >
      {run.shadow && (
        <Alert role="note" color="petrol" icon={<IconEye size={18} />} title="Shadow mode: nothing was written">
          The steps say what this workflow would have done.
        </Alert>
      )}
      {undo && (
        <Alert role="note" color="gray" icon={<IconArrowBackUp size={18} />} title="This run is an undo">
          It restores fields that another run changed.{' '}
          {run.parent_id && (
            <Anchor component={Link} href={`/runs/${run.parent_id}`} inherit>
              Show that run
            </Anchor>
          )}
        </Alert>
      )}
      {run.undone_by && (
        <Alert role="note" color="gray" icon={<IconArrowBackUp size={18} />} title="This run was undone">
          <Anchor component={Link} href={`/runs/${run.undone_by}`} inherit>
            Show what was restored
          </Anchor>
        </Alert>
      )}
      <Card>
        <div className={classes.result}>
          <OutcomeBadge outcome={run.outcome} size="lg" shadow={run.shadow} />
          <Text fw={550} className="break">
            {run.message || (run.outcome === 'RUNNING' ? 'A worker is on it.' : '')}
          </Text>
          {run.cancel_requested && !final && <Badge color="orange">Will be cancelled before its next step</Badge>}
        </div>
        <Facts>
          <Fact label="Ticket">{capital(ticketClass(run.class))}</Fact>
          <Fact label="Started">
            {run.started_at ? (
              <span title={absolute(run.started_at)}>
                <When at={run.started_at} />
              </span>
            ) : (
              'not yet'
            )}
          </Fact>
          <Fact label="Waited">{between(run.created_at, run.started_at) || '–'}</Fact>
          <Fact label="Took">{between(run.started_at, run.finished_at) || '–'}</Fact>
          {run.attempt > 1 && <Fact label="Tries of this step">{run.attempt}</Fact>}
          {!final && run.due_at && (
            <Fact label={dueWords(run)}>
              <When at={run.due_at} />
            </Fact>
          )}
          <Fact label="Workflow version">{run.workflow_version}</Fact>
          <Fact label="Started by">
            <StartedBy run={run} />
          </Fact>
        </Facts>
        {final && !run.shadow && !run.can_undo && !run.undone_by && run.undo_reason && (
          <Text size="sm" c="dimmed" mt="md" className="break">
            Undo is not possible: {run.undo_reason}
          </Text>
        )}
      </Card>

      <Card>
        <Title order={2} mb="md">
          Steps
        </Title>
        {run.steps.length === 0 && rest.length === 0 ? (
          <Text c="dimmed">
            {final ? 'No step was begun.' : 'No step has begun yet. This page shows each one as it happens.'}
          </Text>
        ) : (
          <ol className={classes.steps}>
            {run.steps.map((step) => (
              <StepItem key={step.id} step={step} ticketClass={run.class} action={actions[step.position]} />
            ))}
            {rest.map((action, i) => (
              <Item
                // biome-ignore lint/suspicious/noArrayIndexKey: a step that has not begun has only its position
                key={i}
                icon={
                  <ThemeIcon size={24} radius="xl" variant="light" color="gray">
                    {final ? <IconMinus size={13} stroke={2.4} /> : <IconClock size={13} stroke={2.2} />}
                  </ThemeIcon>
                }
                title={
                  <Text c="dimmed" fw={550}>
                    {actionWords(action)}
                  </Text>
                }
                note={final ? 'Not reached' : 'Still to come'}
              />
            ))}
          </ol>
        )}
      </Card>
    </Page>
  );
}

/** What happens when the run is due. A wait for the ticket to change looks again from time to time. */
function dueWords(run: Run): string {
  if (run.outcome !== 'WAITING') return 'Next try';
  return run.steps.at(-1)?.plan?.wait?.becomes ? 'Looks again' : 'Goes on';
}

const causes: Record<Run['cause'], string> = {
  EVENT: 'The change that matched',
  SCHEDULE: 'The workflow’s schedule',
  REQUEST: 'A person',
  WORKFLOW: 'A run of another workflow',
  UNDO: 'A person',
};

function StartedBy({ run }: { run: Run }) {
  const { cause } = run;
  const words = run.requested_by || causes[cause];
  const href =
    cause === 'EVENT'
      ? run.event_id && `/events/${run.event_id}`
      : cause === 'REQUEST'
        ? '/scheduled-work'
        : cause === 'WORKFLOW' && run.parent_id && `/runs/${run.parent_id}`;
  if (!href) return words;
  return (
    <Anchor component={Link} href={href} inherit>
      {words}
    </Anchor>
  );
}

const stepIcons: Record<Step['state'], ReactNode> = {
  WRITING: <Loader size={12} color="currentColor" />,
  DONE: <IconCheck size={14} stroke={2.4} />,
  FAILED: <IconX size={14} stroke={2.4} />,
  SKIPPED: <IconMinus size={14} stroke={2.4} />,
  WAITING: <IconHourglass size={14} stroke={2} />,
  PLANNED: <IconEye size={14} stroke={2} />,
};

function StepItem({ step, ticketClass, action }: { step: Step; ticketClass: string; action: ActionSpec | undefined }) {
  const { label, color } = look(stepStates, step.state);
  const took = between(step.started_at, step.finished_at);
  return (
    <Item
      state={step.state}
      icon={
        <ThemeIcon size={24} radius="xl" variant="light" color={color} aria-hidden="true">
          {stepIcons[step.state]}
        </ThemeIcon>
      }
      title={<Text fw={600}>{stepWords(step, action)}</Text>}
      note={
        <>
          <Text span inherit c={color === 'gray' ? undefined : `var(--mantine-color-${color}-light-color)`} fw={550}>
            {label}
          </Text>
          {took && ` · ${took}`}
          {step.started_at && (
            <>
              {' · '}
              <When at={step.started_at} />
            </>
          )}
        </>
      }
    >
      {step.message &&
        (step.state === 'FAILED' ? (
          <Alert color="red" mt="xs" p="sm">
            <Text size="sm" className="break">
              {step.message}
            </Text>
          </Alert>
        ) : (
          <Text size="sm" mt={4} className="break">
            {step.message}
          </Text>
        ))}
      <What step={step} ticketClass={ticketClass} />
      <Links step={step} />
      {step.before_version > 0 && (
        <Text size="xs" c="dimmed" mt="xs" className="tabular">
          {step.after_version
            ? `Ticket version ${step.before_version} → ${step.after_version}`
            : `Ticket version ${step.before_version}`}
        </Text>
      )}
    </Item>
  );
}

/** What the step did, or in shadow mode would have done. */
function What({ step, ticketClass }: { step: Step; ticketClass: string }) {
  const { plan } = step;
  const changes = stepChanges(step);
  const label = `Fields before and after step ${step.position + 1}`;
  if (step.state === 'PLANNED') {
    return (
      <div className={classes.plan}>
        <PlanView plan={plan} before={step.before} ticketClass={ticketClass} label={label} />
        <PlanReason plan={plan} told={step.message} />
      </div>
    );
  }
  if (changes.length === 0 && planParts(plan).length === 0 && !plan.reason) return null;
  return (
    <div className={classes.plan}>
      {changes.length > 0 && (
        <div className={classes.changes}>
          <Changes changes={changes} label={label} />
        </div>
      )}
      <PlanParts plan={plan} />
      <PlanReason plan={plan} told={step.message} />
    </div>
  );
}

/** Where to go on from a step: the question, the ticket and the run that came of it. */
function Links({ step }: { step: Step }) {
  const number = createdNumber(step);
  if (!step.approval_id && !step.created && !step.started_run) return null;
  return (
    <div className={classes.links}>
      {step.approval_id && (
        <Anchor component={Link} href={`/approvals/${step.approval_id}`} size="sm" className={classes.link}>
          <IconUserCheck size={15} aria-hidden="true" />
          {step.state === 'WAITING' ? 'Answer the question' : 'The approval'}
        </Anchor>
      )}
      {step.created && (
        <span className={classes.link}>
          <IconTicket size={15} aria-hidden="true" />
          <Text span size="sm">
            Created{' '}
            <TicketLink number={number || withArticle(ticketClass(step.created.class))} url={step.created_url} />
          </Text>
        </span>
      )}
      {step.started_run && (
        <Anchor component={Link} href={`/runs/${step.started_run}`} size="sm" className={classes.link}>
          <IconRoute size={15} aria-hidden="true" />
          The run that it started
        </Anchor>
      )}
    </div>
  );
}

function Item({
  icon,
  title,
  note,
  state,
  children,
}: {
  icon: ReactNode;
  title: ReactNode;
  note: ReactNode;
  state?: string;
  children?: ReactNode;
}) {
  return (
    <li className={classes.item} data-step-state={state}>
      <div className={classes.icon}>{icon}</div>
      <div className={classes.body}>
        {title}
        <Text size="sm" c="dimmed" component="div">
          {note}
        </Text>
        {children}
      </div>
    </li>
  );
}
