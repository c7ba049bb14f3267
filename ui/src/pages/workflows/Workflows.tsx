import { Anchor, Badge, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Workflow } from '../../api/client';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { actionsSummary, conditionWords, triggerWords } from '../../words/workflow';
import { EnabledSwitch } from './EnabledSwitch';
import { workflowsQuery } from './queries';
import { Stats } from './Stats';
import classes from './Workflows.module.css';

/** What Neo does by itself, and how well that goes. */
export default function Workflows() {
  const workflows = useQuery(workflowsQuery);
  const create = (
    <Button component={Link} href="/workflows/new" leftSection={<IconPlus size={16} />}>
      New workflow
    </Button>
  );
  const empty = workflows.data?.length === 0;
  return (
    <Page title="Workflows" lead="What Neo does by itself when a ticket changes." actions={!empty && create}>
      {workflows.isPending ? (
        <Stack gap="sm" role="status" aria-label="Loading">
          <Skeleton height={104} radius="lg" />
          <Skeleton height={104} radius="lg" />
          <Skeleton height={104} radius="lg" />
        </Stack>
      ) : workflows.isError && !workflows.data ? (
        <Failure
          title="The workflows could not be loaded"
          error={workflows.error}
          onRetry={() => void workflows.refetch()}
          retrying={workflows.isFetching}
        />
      ) : workflows.data.length === 0 ? (
        <Card p={0}>
          <Empty icon={<IconRoute size={26} stroke={1.6} />} title="No workflows yet" action={create}>
            A workflow says which changes of tickets Neo acts on, and what it does then: set fields, assign, add a work
            note. Start from a template.
          </Empty>
        </Card>
      ) : (
        <ul className={classes.list}>
          {workflows.data.map((w) => (
            <li key={w.id}>
              <WorkflowCard workflow={w} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function WorkflowCard({ workflow }: { workflow: Workflow }) {
  const { definition } = workflow;
  const conditions = conditionWords(definition);
  return (
    <Card className={classes.card} data-enabled={workflow.enabled || undefined}>
      <div className={classes.what}>
        <Group gap="xs" mb={2}>
          <Anchor component={Link} href={`/workflows/${workflow.id}`} fw={620} c="inherit" size="lg" className="break">
            {definition.name}
          </Anchor>
          {!workflow.enabled && (
            <Badge color="gray" size="sm">
              Disabled
            </Badge>
          )}
        </Group>
        {definition.description && (
          <Text c="dimmed" size="sm" mb={8}>
            {definition.description}
          </Text>
        )}
        <dl className={classes.words}>
          <dt>When</dt>
          <dd>{triggerWords(definition).replace(/^When /, '')}</dd>
          {conditions && (
            <>
              <dt>If</dt>
              <dd>{conditions}</dd>
            </>
          )}
          <dt>Then</dt>
          <dd>{actionsSummary(definition)}</dd>
        </dl>
      </div>
      <div className={classes.side}>
        <EnabledSwitch workflow={workflow} />
        <Stats workflow={workflow} />
      </div>
    </Card>
  );
}
