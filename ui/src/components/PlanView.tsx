import { Text } from '@mantine/core';
import {
  IconClock,
  IconClockHour4,
  IconLock,
  IconMail,
  IconMessage2,
  IconPlayerStop,
  IconRoute,
  IconSend,
  IconTicket,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { Plan, Value } from '../api/client';
import { type PlanPart, plannedChanges, planParts, plansNothing } from '../words/plan';
import { fieldName } from '../words/ticket';
import { moment } from '../words/time';
import { Changes } from './Changes';
import classes from './PlanView.module.css';
import { useLabels } from './useLabels';
import { When } from './When';

const icons: Record<PlanPart['kind'], typeof IconMail> = {
  work_note: IconLock,
  client_note: IconMessage2,
  email: IconMail,
  time: IconClockHour4,
  create: IconTicket,
  message: IconSend,
  ask: IconUserQuestion,
  wait: IconClock,
  stop: IconPlayerStop,
  start: IconRoute,
};

/** What a step is going to do: fields before and after, and everything else with its text. */
export function PlanView({
  plan,
  before,
  ticketClass,
  label,
  nothing = 'Nothing: the ticket is as wanted already.',
}: {
  plan: Plan;
  before?: Record<string, Value>;
  /** Of the ticket; with it, stored values are shown as people see them. */
  ticketClass?: string;
  /** Names the table of changes. */
  label: string;
  nothing?: string;
}) {
  const changes = useLabels(plannedChanges(plan, before), ticketClass);
  if (plansNothing(plan)) return nothing ? <Text c="dimmed">{nothing}</Text> : null;
  return (
    <div className={classes.root}>
      {changes.length > 0 && (
        <div className={classes.changes}>
          <Changes changes={changes} label={label} />
        </div>
      )}
      <PlanParts plan={plan} />
    </div>
  );
}

/** Everything that a plan does besides writing fields. */
export function PlanParts({ plan }: { plan: Plan }) {
  return planParts(plan).map((part) => {
    const Icon = icons[part.kind];
    return (
      <div key={part.kind} className={classes.part} data-kind={part.kind}>
        <Icon size={17} stroke={1.7} aria-hidden="true" />
        <div style={{ minWidth: 0 }}>
          <Text fw={550} className="break">
            {part.title}
            {part.kind === 'wait' && plan.wait?.until && (
              <>
                {plan.wait.becomes ? ', at the latest ' : ' until '}
                {moment(plan.wait.until)}{' '}
                <Text span inherit c="dimmed" fw={400}>
                  (<When at={plan.wait.until} />)
                </Text>
              </>
            )}
            {part.kind === 'ask' && plan.ask?.deadline && (
              <>
                , to be answered <When at={plan.ask.deadline} />
              </>
            )}
          </Text>
          {part.fields && part.fields.length > 0 && (
            <dl className={classes.fields}>
              {part.fields.map(([field, value]) => (
                <div key={field} style={{ display: 'contents' }}>
                  <dt>{fieldName(field)}</dt>
                  <dd>{value || 'empty'}</dd>
                </div>
              ))}
            </dl>
          )}
          {part.text && <blockquote className={classes.text}>{part.text}</blockquote>}
        </div>
      </div>
    );
  });
}

/** Why a step chose what it chose, unless `told`, the sentence above it, says so already. */
export function PlanReason({ plan, told = '' }: { plan: Plan; told?: string }) {
  if (!plan.reason || told.toLowerCase().includes(plan.reason.toLowerCase())) return null;
  return (
    <Text size="sm" c="dimmed" className="break">
      Why: {plan.reason}
    </Text>
  );
}
