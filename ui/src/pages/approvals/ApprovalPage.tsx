import { Alert, Anchor, Button, Card, Group, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowRight, IconCheck, IconInfoCircle, IconPencil, IconShieldLock, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Approval } from '../../api/client';
import { Problem } from '../../api/problem';
import { Fact, Facts } from '../../components/Facts';
import { Failure } from '../../components/Failure';
import { NotFoundPanel } from '../../components/NotFoundPanel';
import { Page } from '../../components/Page';
import { PlanReason, PlanView } from '../../components/PlanView';
import { TicketLink } from '../../components/TicketLink';
import { When } from '../../components/When';
import { groupName } from '../../words/permission';
import { approverWords, deadlineWords } from '../../words/plan';
import { capital, ticketClass } from '../../words/ticket';
import { absolute } from '../../words/time';
import { ApprovalBadge } from './ApprovalBadge';
import classes from './Approvals.module.css';
import { approvalQuery, approvalsQuery, type Decision, useDecide } from './queries';
import { inOrder, isUrgent } from './states';

const back = { href: '/approvals', label: 'Approvals' };

/** One question of a workflow's: what it wants to do, and the answer. */
export default function ApprovalPage({ id }: { id: string }) {
  const approval = useQuery(approvalQuery(id));
  if (approval.isPending) {
    return (
      <Page title="Approval" back={back}>
        <Stack role="status" aria-label="Loading">
          <Skeleton height={160} radius="lg" />
          <Skeleton height={220} radius="lg" />
        </Stack>
      </Page>
    );
  }
  if (!approval.data) {
    return (
      <Page title="Approval" back={back}>
        {Problem.from(approval.error).code === 'not_found' ? (
          <NotFoundPanel
            title="There is no such approval"
            text="The link may be old or mistyped. See what waits for an answer."
            href="/approvals"
            label="Show all approvals"
          />
        ) : (
          <Failure
            title="The approval could not be loaded"
            error={approval.error}
            onRetry={() => void approval.refetch()}
            retrying={approval.isFetching}
          />
        )}
      </Page>
    );
  }
  return <LoadedApproval approval={approval.data} />;
}

function LoadedApproval({ approval }: { approval: Approval }) {
  const { planned, gate, number, ticket } = approval;
  return (
    <Page
      title={`Approval for ${number}`}
      heading={
        <>
          Approval for <TicketLink number={number} url={approval.ticket_url} />
        </>
      }
      lead={approval.title}
      back={back}
    >
      <div className={classes.page}>
        <Stack gap="lg" style={{ minWidth: 0 }}>
          <Card>
            <p className={classes.question}>{approval.text}</p>
            {gate && (
              <div className={classes.gate}>
                <IconShieldLock size={17} stroke={1.7} aria-hidden="true" />
                <span>
                  <b>{groupName(gate)} asks first.</b> The connection’s permissions say that a technician approves each
                  write to {groupName(gate)}.{' '}
                  <Link href={`/integrations/servicenow/${ticket.integration_id}#permissions`}>Permissions</Link>
                </span>
              </div>
            )}
            <Facts>
              <Fact label="Workflow">
                <Anchor component={Link} href={`/workflows/${approval.workflow_id}`} inherit>
                  {approval.workflow_name}
                </Anchor>
              </Fact>
              <Fact label="Ticket">{capital(ticketClass(ticket.class))}</Fact>
              <Fact label="Asked">
                <When at={approval.created_at} />
              </Fact>
              <Fact label="Asks">{approverWords(approval.approvers)}</Fact>
              <Fact label="History">
                <Anchor component={Link} href={`/events?ticket=${encodeURIComponent(number)}`} inherit>
                  Of {number}
                </Anchor>
              </Fact>
              <Fact label="Run">
                <Anchor component={Link} href={`/runs/${approval.run_id}`} inherit>
                  Show the run
                </Anchor>
              </Fact>
            </Facts>
          </Card>
          {planned && (
            <Card component="section" aria-label="Planned changes">
              <Title order={2} mb="sm">
                {approval.state === 'PENDING' ? 'If you approve' : 'What was planned'}
              </Title>
              <PlanView
                plan={planned}
                before={approval.before}
                ticketClass={ticket.class}
                label="Planned changes"
                nothing="The run goes on; this step itself changes nothing."
              />
              {planned.reason && (
                <div style={{ marginTop: 12 }}>
                  <PlanReason plan={planned} />
                </div>
              )}
            </Card>
          )}
        </Stack>
        <Answer approval={approval} />
      </div>
    </Page>
  );
}

function Answer({ approval }: { approval: Approval }) {
  const decide = useDecide(approval.id);
  const refused = decide.isError ? Problem.from(decide.error) : undefined;
  return (
    <Stack gap="md" className={classes.decide}>
      {refused?.status === 409 && (
        <Alert color="blue" icon={<IconInfoCircle size={18} />} title="It was decided already" role="alert">
          {refused.message}
        </Alert>
      )}
      {approval.state !== 'PENDING' ? (
        <Decided approval={approval} />
      ) : approval.mine ? (
        <DecideForm approval={approval} decide={decide} />
      ) : (
        <Card component="section" aria-label="Decision">
          <Title order={2} mb={6}>
            Not yours to decide
          </Title>
          <Text size="sm" c="dimmed" className="break">
            The workflow asks {approverWords(approval.approvers)}. This page shows the answer as soon as there is one.
          </Text>
          <Deadline approval={approval} />
        </Card>
      )}
      {refused?.status === 403 && (
        <Alert color="orange" icon={<IconShieldLock size={18} />} title="You may not decide this" role="alert">
          {refused.message}
        </Alert>
      )}
      {refused && refused.status !== 409 && refused.status !== 403 && (
        <Failure title="Your answer was not taken" error={decide.error} />
      )}
    </Stack>
  );
}

function DecideForm({ approval, decide }: { approval: Approval; decide: ReturnType<typeof useDecide> }) {
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const busy = decide.isPending ? decide.variables.action : undefined;

  const answer = (action: Decision, done: string) => {
    if (action === 'ask_for_changes' && !note.trim()) {
      setMissing(true);
      field.current?.focus();
      return;
    }
    setMissing(false);
    decide.mutate(
      { action, note: note.trim() },
      { onSuccess: () => notifications.show({ color: 'green', title: done, message: approval.text }) },
    );
  };
  return (
    <Card component="section" aria-label="Decision">
      <Title order={2}>Your answer</Title>
      <Deadline approval={approval} />
      <Textarea
        ref={field}
        label="Note"
        description="Kept with the answer; needed to ask for changes."
        placeholder="Why, or what should be different"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4000}
        my="md"
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
          setMissing(false);
        }}
        error={missing && 'Say what should be different.'}
      />
      <Stack gap={8}>
        <Button
          color="green"
          leftSection={<IconCheck size={16} />}
          loading={busy === 'approve'}
          disabled={busy !== undefined && busy !== 'approve'}
          onClick={() => answer('approve', 'Approved')}
        >
          Approve
        </Button>
        <Button
          variant="light"
          color="red"
          leftSection={<IconX size={16} />}
          loading={busy === 'reject'}
          disabled={busy !== undefined && busy !== 'reject'}
          onClick={() => answer('reject', 'Rejected')}
        >
          Reject
        </Button>
        <Button
          variant="default"
          leftSection={<IconPencil size={15} />}
          loading={busy === 'ask_for_changes'}
          disabled={busy !== undefined && busy !== 'ask_for_changes'}
          onClick={() => answer('ask_for_changes', 'Changes requested')}
        >
          Ask for changes
        </Button>
      </Stack>
    </Card>
  );
}

function Deadline({ approval }: { approval: Approval }) {
  if (!approval.deadline) return null;
  return (
    <Text
      size="sm"
      mt={4}
      className="break"
      c={isUrgent(approval) ? 'var(--mantine-color-orange-light-color)' : 'dimmed'}
    >
      <Text span inherit fw={600}>
        Due <When at={approval.deadline} />.
      </Text>{' '}
      {deadlineWords(approval.on_deadline)}
    </Text>
  );
}

const endings: Partial<Record<Approval['state'], string>> = {
  EXPIRED: 'Nobody answered in time.',
  CANCELLED: 'The run was cancelled, so no answer is needed.',
};

function Decided({ approval }: { approval: Approval }) {
  return (
    <Card component="section" aria-label="Decision" aria-live="polite">
      <Group justify="space-between" gap="xs">
        <Title order={2}>Answer</Title>
        <ApprovalBadge state={approval.state} size="lg" />
      </Group>
      <Text size="sm" mt={8} className="break">
        {endings[approval.state] ?? `By ${approval.decided_by || 'somebody who is not known any more'}`}
        {approval.decided_at && (
          <span title={absolute(approval.decided_at)}>
            {endings[approval.state] ? ' ' : ', '}
            <When at={approval.decided_at} />
          </span>
        )}
      </Text>
      {approval.comment && <blockquote className={classes.comment}>{approval.comment}</blockquote>}
      <Next id={approval.id} />
    </Card>
  );
}

/** The next question that waits for this person. */
function Next({ id }: { id: string }) {
  const pending = useInfiniteQuery(approvalsQuery('PENDING'));
  const mine = (pending.data?.pages ?? []).flatMap((page) => page.approvals).filter((a) => a.mine && a.id !== id);
  const next = inOrder(mine)[0];
  if (!next) return null;
  return (
    <Button
      component={Link}
      href={`/approvals/${next.id}`}
      variant="default"
      fullWidth
      mt="md"
      rightSection={<IconArrowRight size={15} />}
    >
      Next: {next.number} {mine.length > 1 && `(${mine.length} wait)`}
    </Button>
  );
}
