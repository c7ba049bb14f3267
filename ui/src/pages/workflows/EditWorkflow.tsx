import { Anchor, Button, Group, Skeleton, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Workflow } from '../../api/client';
import { Problem } from '../../api/problem';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { draftOf, dropDraft, readDraft } from './drafts';
import { Editor } from './Editor';
import { EnabledSwitch } from './EnabledSwitch';
import { MissingWorkflow } from './MissingWorkflow';
import { WarningLines } from './Obstacles';
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
  return <EditedWorkflow workflow={workflow.data} reload={async () => (await workflow.refetch()).data} />;
}

function EditedWorkflow({ workflow, reload }: { workflow: Workflow; reload: () => Promise<Workflow | undefined> }) {
  const draftKey = draftOf(workflow.id);
  // What was there when editing began: a save over anything newer is refused by the server.
  const [base, setBase] = useState(() => ({
    definition: workflow.definition,
    version: readDraft(draftKey)?.version ?? workflow.version,
    loads: 0,
  }));
  const save = useSaveWorkflow(workflow.id);
  const conflict = save.isError && Problem.from(save.error).code === 'conflict';

  const takeTheirs = async () => {
    const newest = await reload();
    if (!newest) return;
    save.reset();
    dropDraft(draftKey);
    setBase((b) => ({ definition: newest.definition, version: newest.version, loads: b.loads + 1 }));
  };
  const keepMine = async () => {
    const newest = await reload();
    if (!newest) return;
    save.reset();
    setBase((b) => ({ ...b, definition: newest.definition, version: newest.version }));
  };

  return (
    <Editor
      key={base.loads}
      title={base.definition.name}
      lead={`Version ${base.version} is saved now.`}
      back={{ href: `/workflows/${workflow.id}`, label: 'Workflow' }}
      draftKey={draftKey}
      saved={base.definition}
      version={base.version}
      id={workflow.id}
      enabled={workflow.enabled}
      save={async (definition, as) => {
        const { data: next, meta } = await save.mutateAsync({ definition, version: base.version, draft: as?.draft });
        setBase((b) => ({ ...b, definition: next.definition, version: next.version }));
        const warnings = meta.warnings ?? [];
        notifications.show(
          next.draft
            ? {
                color: 'orange',
                title: 'Saved as a draft',
                message: `This is version ${next.version}. It is off until its problems are solved.`,
              }
            : warnings.length > 0
              ? {
                  color: 'orange',
                  title: `Saved as version ${next.version}, with ${warnings.length === 1 ? 'a warning' : 'warnings'}`,
                  message: <WarningLines warnings={warnings} />,
                  autoClose: 15_000,
                }
              : { color: 'green', title: 'Saved', message: `This is version ${next.version} now.` },
        );
        return undefined;
      }}
      saving={save.isPending}
      error={save.error}
      onDiscard={() => setBase((b) => ({ ...b, version: workflow.version }))}
      enable={<EnabledSwitch workflow={workflow} withLabel />}
      advice={
        conflict && (
          <>
            <Text size="sm" mt={6}>
              Somebody saved this workflow while you were editing version {base.version}. Your changes are still here.{' '}
              <Anchor component={Link} href={`/workflows/${workflow.id}`} target="_blank" size="sm">
                Look at the newer version
              </Anchor>
              , then choose.
            </Text>
            <Group gap="xs" mt="sm">
              <Button size="xs" variant="default" onClick={() => void keepMine()}>
                Keep mine, save over theirs
              </Button>
              <Button size="xs" variant="default" onClick={() => void takeTheirs()}>
                Drop mine, edit theirs
              </Button>
            </Group>
          </>
        )
      }
    />
  );
}
