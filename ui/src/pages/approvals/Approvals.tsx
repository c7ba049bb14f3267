import { Badge, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconChevronRight, IconClock, IconUserCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Approval } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { StateTabs, useStateTab } from '../../components/StateTabs';
import { When } from '../../components/When';
import { groupName } from '../../words/permission';
import { ApprovalBadge } from './ApprovalBadge';
import classes from './Approvals.module.css';
import { type ApprovalState, approvalsQuery } from './queries';
import { inOrder, isUrgent } from './states';

type Tab = ApprovalState | 'ALL';

const tabs: { value: Tab; label: string }[] = [
  { value: 'PENDING', label: 'Pending' },
  { value: 'APPROVED', label: 'Approved' },
  { value: 'REJECTED', label: 'Rejected' },
  { value: 'CHANGES_REQUESTED', label: 'Changes requested' },
  { value: 'EXPIRED', label: 'Expired' },
  { value: 'ALL', label: 'All' },
];

/** What workflows ask technicians, before they go on. */
export default function Approvals() {
  const tab = useStateTab(tabs);
  const pending = useInfiniteQuery(approvalsQuery('PENDING'));
  const count = pending.data?.pages.flatMap((page) => page.approvals).length;
  return (
    <Page title="Approvals" lead="Workflows wait here until somebody has answered.">
      <StateTabs
        tabs={tabs.map((t) => (t.value === 'PENDING' ? { ...t, count } : t))}
        value={tab}
        label="Approvals by state"
      >
        <List key={tab} tab={tab} />
      </StateTabs>
    </Page>
  );
}

function List({ tab }: { tab: Tab }) {
  const approvals = useInfiniteQuery(approvalsQuery(tab === 'ALL' ? '' : tab));
  if (approvals.isPending) {
    return (
      <Stack gap={10} role="status" aria-label="Loading">
        <Skeleton height={84} radius="lg" />
        <Skeleton height={84} radius="lg" />
        <Skeleton height={84} radius="lg" />
      </Stack>
    );
  }
  if (!approvals.data) {
    return (
      <Failure
        title="The approvals could not be loaded"
        error={approvals.error}
        onRetry={() => void approvals.refetch()}
        retrying={approvals.isFetching}
      />
    );
  }
  const all = approvals.data.pages.flatMap((page) => page.approvals);
  if (all.length === 0) return <Nothing tab={tab} />;
  return (
    <Stack gap="md">
      <ul className={classes.list} aria-label="Approvals">
        {inOrder(all).map((approval) => (
          <li key={approval.id}>
            <Row approval={approval} />
          </li>
        ))}
      </ul>
      {approvals.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            onClick={() => void approvals.fetchNextPage()}
            loading={approvals.isFetchingNextPage}
          >
            Show older approvals
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Row({ approval }: { approval: Approval }) {
  const pending = approval.state === 'PENDING';
  return (
    <Link
      href={`/approvals/${approval.id}`}
      className={classes.row}
      data-mine={(pending && approval.mine) || undefined}
      data-approval={approval.id}
    >
      <div className={classes.what}>
        <Text fw={600} lineClamp={2} className="break">
          {approval.text}
        </Text>
        <Text size="sm" c="dimmed" className="break">
          <Text span inherit fw={600} c="var(--mantine-color-anchor)">
            {approval.number}
          </Text>
          {approval.title && ` ${approval.title}`}
        </Text>
        <Text size="sm" c="dimmed" className="break">
          {approval.workflow_name}
          {approval.gate && ` · ${groupName(approval.gate)} asks first`}
        </Text>
      </div>
      <div className={classes.side}>
        {pending ? (
          <>
            {!approval.mine && (
              <Badge color="gray" size="sm">
                For others
              </Badge>
            )}
            {approval.deadline && (
              <Text size="sm" className={classes.deadline} data-urgent={isUrgent(approval) || undefined}>
                <IconClock size={14} aria-hidden="true" />
                <span>
                  due <When at={approval.deadline} />
                </span>
              </Text>
            )}
            <Text size="xs" c="dimmed">
              asked <When at={approval.created_at} />
            </Text>
          </>
        ) : (
          <>
            <ApprovalBadge state={approval.state} />
            <Text size="xs" c="dimmed">
              {approval.decided_by && `${approval.decided_by}, `}
              <When at={approval.decided_at ?? approval.created_at} />
            </Text>
          </>
        )}
      </div>
      <IconChevronRight size={16} aria-hidden="true" className={classes.arrow} />
    </Link>
  );
}

function Nothing({ tab }: { tab: Tab }) {
  const pending = tab === 'PENDING' || tab === 'ALL';
  return (
    <Card p={0}>
      <Empty
        icon={<IconUserCheck size={26} stroke={1.6} />}
        title={pending ? 'Nothing waits for an answer' : `Nothing here yet`}
      >
        {pending
          ? 'A workflow asks here when it has the action “Ask a technician”, or when a permission of the connection is set to ask first.'
          : 'No approval is in this state.'}
      </Empty>
    </Card>
  );
}
