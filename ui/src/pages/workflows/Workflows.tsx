import { ActionIcon, Anchor, Button, Card, Menu, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPlay,
  IconPlus,
  IconRoute,
  IconSearch,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Workflow } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { When } from '../../components/When';
import { percent, successRate } from '../../words/outcome';
import { actionsSummary, briefSummary, triggerWords } from '../../words/workflow';
import { DeleteWorkflow } from './DeleteWorkflow';
import { EnabledSwitch } from './EnabledSwitch';
import { workflowsQuery } from './queries';
import { RunNow } from './RunNow';
import { RunsADay } from './RunsADay';
import { StateBadge } from './StateBadge';
import classes from './Workflows.module.css';

/** What Neo does by itself, and how well that goes. */
export default function Workflows() {
  const workflows = useQuery(workflowsQuery);
  const [search, setSearch] = useState('');
  const create = (
    <Button component={Link} href="/workflows/new" leftSection={<IconPlus size={16} />}>
      New workflow
    </Button>
  );
  const all: Workflow[] = workflows.data ?? [];
  const found = all.filter((w) => matches(w, search));
  return (
    <Page title="Workflows" lead="What Neo does by itself when a ticket changes." actions={all.length > 0 && create}>
      {workflows.isPending ? (
        <Stack gap="sm" role="status" aria-label="Loading">
          <Skeleton height={92} radius="lg" />
          <Skeleton height={92} radius="lg" />
          <Skeleton height={92} radius="lg" />
        </Stack>
      ) : workflows.isError && !workflows.data ? (
        <Failure
          title="The workflows could not be loaded"
          error={workflows.error}
          onRetry={() => void workflows.refetch()}
          retrying={workflows.isFetching}
        />
      ) : all.length === 0 ? (
        <Card p={0}>
          <Empty icon={<IconRoute size={26} stroke={1.6} />} title="No workflows yet" action={create}>
            A workflow says which changes of tickets Neo acts on, and what it does then: set fields, assign, add a note,
            ask for approval. Start from a template.
          </Empty>
        </Card>
      ) : (
        <Stack gap="sm">
          <TextInput
            aria-label="Search workflows"
            placeholder="Search by name, trigger or action"
            leftSection={<IconSearch size={16} aria-hidden="true" />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            maw={420}
            type="search"
          />
          {found.length === 0 ? (
            <Card p={0}>
              <Empty
                icon={<IconSearch size={26} stroke={1.6} />}
                title="No workflow is like that"
                action={
                  <Button variant="default" onClick={() => setSearch('')}>
                    Show all workflows
                  </Button>
                }
              >
                None of the {all.length} workflows has “{search.trim()}” in its name, its trigger or its actions.
              </Empty>
            </Card>
          ) : (
            <ul className={classes.list} aria-label="Workflows">
              {found.map((w) => (
                <li key={w.id}>
                  <WorkflowRow workflow={w} />
                </li>
              ))}
            </ul>
          )}
        </Stack>
      )}
    </Page>
  );
}

function matches(w: Workflow, search: string): boolean {
  const { definition: d } = w;
  const text = `${d.name} ${d.description ?? ''} ${triggerWords(d)} ${actionsSummary(d)}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function WorkflowRow({ workflow }: { workflow: Workflow }) {
  const { definition, days } = workflow;
  const rate = successRate(workflow);
  const shadowOnly = rate === null && workflow.shadow_runs > 0;
  return (
    <Card className={classes.card} data-off={!workflow.enabled || undefined}>
      <div className={classes.toggle}>
        <EnabledSwitch workflow={workflow} />
      </div>
      <div className={classes.what}>
        <div className={classes.name}>
          <Anchor component={Link} href={`/workflows/${workflow.id}`} fw={620} c="inherit" className="break">
            {definition.name}
          </Anchor>
          <StateBadge workflow={workflow} />
        </div>
        {definition.description && (
          <Text c="dimmed" size="sm" lineClamp={1}>
            {definition.description}
          </Text>
        )}
        <dl className={classes.words}>
          <dt>When</dt>
          <dd>{triggerWords(definition, undefined, true).replace(/^When /, '')}</dd>
          <dt>Then</dt>
          <dd>{briefSummary(definition)}</dd>
        </dl>
        {workflow.paused && <p className={classes.paused}>{workflow.paused}</p>}
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>Runs a day</dt>
          <dd>{days?.length ? <RunsADay days={days} /> : <span>{workflow.runs.toLocaleString()} in all</span>}</dd>
        </div>
        <div>
          <dt>{shadowOnly ? 'Shadow runs' : 'Success'}</dt>
          <dd data-bad={(rate !== null && rate < 0.9) || undefined}>
            {shadowOnly ? workflow.shadow_runs.toLocaleString() : percent(rate)}
          </dd>
        </div>
        <div>
          <dt>Last run</dt>
          <dd>{workflow.last_run_at ? <When at={workflow.last_run_at} /> : 'never'}</dd>
        </div>
      </dl>
      <div className={classes.menu}>
        <RowMenu workflow={workflow} />
      </div>
    </Card>
  );
}

function RowMenu({ workflow }: { workflow: Workflow }) {
  const [deleting, remove] = useDisclosure(false);
  const [running, run] = useDisclosure(false);
  const { id, definition } = workflow;
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More for ${definition.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={run.open}>
            Run now…
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={15} />} component={Link} href={`/workflows/${id}/edit`}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={15} />} component={Link} href={`/workflows/new?copy=${id}`}>
            Duplicate
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={remove.open}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteWorkflow workflow={workflow} opened={deleting} onClose={remove.close} />
      <RunNow workflow={workflow} opened={running} onClose={run.close} />
    </>
  );
}
