import { Anchor, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Workflow } from '../../api/client';
import { Problem } from '../../api/problem';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { pretty } from './definition';
import { Editor } from './Editor';
import { MissingWorkflow } from './MissingWorkflow';
import { useSaveWorkflow, workflowQuery } from './queries';

export default function EditWorkflow({ id }: { id: string }) {
  const workflow = useQuery(workflowQuery(id));
  const back = { href: `/workflows/${id}`, label: workflow.data?.definition.name ?? 'Workflow' };
  if (workflow.isPending) {
    return (
      <Page title="Edit workflow" back={back}>
        <Skeleton height={420} radius="lg" role="status" aria-label="Loading" />
      </Page>
    );
  }
  if (workflow.isError && !workflow.data) {
    if (Problem.from(workflow.error).code === 'not_found') return <MissingWorkflow />;
    return (
      <Page title="Edit workflow" back={back}>
        <Failure
          title="The workflow could not be loaded"
          error={workflow.error}
          onRetry={() => void workflow.refetch()}
          retrying={workflow.isFetching}
        />
      </Page>
    );
  }
  return (
    <Page title="Edit workflow" lead={`Version ${workflow.data.version} is saved now.`} back={back}>
      <EditedWorkflow workflow={workflow.data} />
    </Page>
  );
}

function EditedWorkflow({ workflow }: { workflow: Workflow }) {
  // What was there when editing began: a save over anything newer is refused by the server.
  const [base] = useState(workflow);
  const save = useSaveWorkflow(base.id);
  const conflict = Problem.from(save.error).code === 'conflict';
  return (
    <Editor
      draftKey={`neo-draft-${base.id}-${base.version}`}
      initial={pretty(base.definition)}
      save={async (definition) => {
        await save.mutateAsync({ definition, version: base.version });
        return `/workflows/${base.id}`;
      }}
      saving={save.isPending}
      error={save.error}
      advice={
        conflict && (
          <Text size="sm" mt={6}>
            Somebody saved this workflow while you were editing version {base.version}. Copy your changes,{' '}
            <Anchor href={`/workflows/${base.id}`} target="_blank" size="sm">
              look at the newer version
            </Anchor>
            , then edit that one.
          </Text>
        )
      }
      cancelTo={`/workflows/${base.id}`}
    />
  );
}
