import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconPlugConnectedX, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Workflow } from '../../api/client';
import { Problem } from '../../api/problem';
import { Copy } from '../../components/Copy';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { When } from '../../components/When';
import { DeleteWorkflow } from './DeleteWorkflow';
import { DraftNotice } from './DraftNotice';
import { pretty } from './definition';
import { draftOf, dropDraft, readDraft } from './drafts';
import { EnabledSwitch } from './EnabledSwitch';
import { Json } from './Json';
import { MissingWorkflow } from './MissingWorkflow';
import { workflowQuery } from './queries';
import { RunNow } from './RunNow';
import { Stats } from './Stats';
import { Summary } from './Summary';

const back = { href: '/workflows', label: 'Workflows' };

/** One workflow: what it does in words, how it went, and its definition. */
export default function WorkflowPage({ id }: { id: string }) {
  const workflow = useQuery(workflowQuery(id));
  if (workflow.isPending) {
    return (
      <Page title="Workflow" back={back}>
        <Stack role="status" aria-label="Loading">
          <Skeleton height={180} radius="lg" />
          <Skeleton height={260} radius="lg" />
        </Stack>
      </Page>
    );
  }
  if (Problem.from(workflow.error).code === 'not_found') return <MissingWorkflow />;
  if (workflow.isError && !workflow.data) {
    return (
      <Page title="Workflow" back={back}>
        <Failure
          title="The workflow could not be loaded"
          error={workflow.error}
          onRetry={() => void workflow.refetch()}
          retrying={workflow.isFetching}
        />
      </Page>
    );
  }
  return <LoadedWorkflow workflow={workflow.data} />;
}

function LoadedWorkflow({ workflow }: { workflow: Workflow }) {
  const { id, definition, version, updated_at: updatedAt } = workflow;
  const json = pretty(definition);
  const { paused } = workflow;
  const [unsaved, setUnsaved] = useState(() => readDraft(draftOf(id)) !== null);
  return (
    <Page
      title={definition.name}
      lead={definition.description}
      back={back}
      actions={
        <>
          <EnabledSwitch workflow={workflow} withLabel />
          <Button
            component={Link}
            href={`/workflows/${id}/edit`}
            variant="default"
            size="sm"
            leftSection={<IconPencil size={15} />}
          >
            Edit
          </Button>
          <Run workflow={workflow} />
          <Delete workflow={workflow} />
        </>
      }
    >
      {unsaved && (
        <DraftNotice
          title="You have unsaved changes"
          text="You left the editor before these changes were saved."
          href={`/workflows/${id}/edit`}
          onDiscard={() => {
            dropDraft(draftOf(id));
            setUnsaved(false);
          }}
        />
      )}
      {workflow.draft && (
        <Alert color="yellow" icon={<IconPencil size={18} />} title="This is a draft" role="note">
          It was saved with problems and cannot be enabled until they are solved. The editor lists them.
        </Alert>
      )}
      {workflow.enabled && workflow.override && (
        <Alert
          color="orange"
          icon={<IconPlugConnectedX size={18} />}
          title="Enabled although something was missing"
          role="note"
        >
          <Text size="sm" className="break">
            {workflow.override.by || 'Somebody'} gave this reason (<When at={workflow.override.at} />
            ): {workflow.override.reason}
          </Text>
        </Alert>
      )}
      {paused && (
        <Alert color="orange" icon={<IconPlayerPause size={18} />} title="Neo has paused this workflow">
          {paused}
        </Alert>
      )}
      <Card>
        <Group justify="space-between" align="flex-start" gap="md" mb="lg">
          <Title order={2}>What it does</Title>
          <Stats workflow={workflow} />
        </Group>
        <Summary definition={definition} />
      </Card>
      <Card>
        <Group justify="space-between" mb="sm">
          <div>
            <Title order={2}>Definition</Title>
            <Text size="sm" c="dimmed">
              Version {version}, saved <When at={updatedAt} />
            </Text>
          </div>
          <Copy value={json} label="Copy JSON" />
        </Group>
        <Json text={json} />
      </Card>
    </Page>
  );
}

function Delete({ workflow }: { workflow: Workflow }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [, navigate] = useLocation();
  return (
    <>
      <Button variant="default" size="sm" leftSection={<IconTrash size={15} />} onClick={open}>
        Delete
      </Button>
      <DeleteWorkflow workflow={workflow} opened={opened} onClose={close} onDeleted={() => navigate('/workflows')} />
    </>
  );
}

function Run({ workflow }: { workflow: Workflow }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="sm" leftSection={<IconPlayerPlay size={15} />} onClick={open}>
        Run now…
      </Button>
      <RunNow workflow={workflow} opened={opened} onClose={close} />
    </>
  );
}
