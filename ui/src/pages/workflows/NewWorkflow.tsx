import { Card, Skeleton, Switch, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconFilePlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { Definition, WorkflowTemplate } from '../../api/client';
import { Failure } from '../../components/Failure';
import { Page } from '../../components/Page';
import { briefSummary, lowerFirst, triggerWords } from '../../words/workflow';
import { DraftNotice } from './DraftNotice';
import { emptyDefinition } from './definition';
import { draftOfNew, dropDraft, newDrafts } from './drafts';
import { Editor } from './Editor';
import classes from './NewWorkflow.module.css';
import { WarningLines } from './Obstacles';
import { templatesQuery, useCreateWorkflow, workflowQuery } from './queries';

const back = { href: '/workflows', label: 'Workflows' };

/** A new workflow: choose what to begin with, then edit it. */
export default function NewWorkflow() {
  const search = new URLSearchParams(useSearch());
  const template = search.get('template');
  const copy = search.get('copy');
  const templates = useQuery(templatesQuery);
  const [drafts, setDrafts] = useState(newDrafts);
  const choosing = template === null && copy === null;
  useEffect(() => {
    if (choosing) setDrafts(newDrafts());
  }, [choosing]);
  const original = useQuery({ ...workflowQuery(copy ?? ''), enabled: copy !== null });

  if (copy !== null) {
    if (original.data) {
      const { definition } = original.data;
      return (
        <Begun key={copy} from={{ ...definition, name: `${definition.name} (copy)` }} draftKey={draftOfNew({ copy })} />
      );
    }
    if (original.isError) {
      return (
        <Page title="New workflow" back={back}>
          <Failure
            title="The workflow to copy could not be loaded"
            error={original.error}
            onRetry={() => void original.refetch()}
            retrying={original.isFetching}
          />
        </Page>
      );
    }
    return <Waiting />;
  }
  if (template === 'empty') return <Begun key="empty" from={emptyDefinition} draftKey={draftOfNew()} />;
  if (template !== null) {
    const chosen = templates.data?.find((t) => t.id === template);
    if (chosen) return <Begun key={template} from={chosen.definition} draftKey={draftOfNew({ template })} />;
    if (templates.isPending) return <Waiting />;
  }
  return (
    <Page title="New workflow" lead="Start from a template and change what is different for you." back={back}>
      {drafts.map((d) => (
        <DraftNotice
          key={d.key}
          title={`Draft: ${d.name}`}
          text="You left this workflow before it was saved."
          href={d.href}
          onDiscard={() => {
            dropDraft(d.key);
            setDrafts(newDrafts());
          }}
        />
      ))}
      <ul className={classes.list}>
        <li>
          <Tile href="/workflows/new?template=empty" title="Start empty" empty>
            Choose the trigger, the rules and the actions yourself.
          </Tile>
        </li>
        {templates.data?.map((t) => (
          <li key={t.id}>
            <TemplateTile template={t} />
          </li>
        ))}
        {templates.isPending &&
          [1, 2, 3].map((n) => (
            <li key={n}>
              <Skeleton height={150} radius="lg" />
            </li>
          ))}
      </ul>
      {templates.isError && (
        <Failure
          title="The templates could not be loaded"
          error={templates.error}
          onRetry={() => void templates.refetch()}
          retrying={templates.isFetching}
        />
      )}
    </Page>
  );
}

function TemplateTile({ template: t }: { template: WorkflowTemplate }) {
  return (
    <Tile
      href={`/workflows/new?template=${encodeURIComponent(t.id)}`}
      title={t.name || t.definition.name}
      foot={`${triggerWords(t.definition, undefined, true)}: ${lowerFirst(briefSummary(t.definition, 3))}`}
    >
      {t.description || t.definition.description}
    </Tile>
  );
}

function Tile({
  href,
  title,
  children,
  foot,
  empty,
}: {
  href: string;
  title: string;
  children?: React.ReactNode;
  foot?: string;
  empty?: boolean;
}) {
  return (
    <Card
      component={UnstyledButton}
      renderRoot={(props) => <Link href={href} {...props} />}
      className={classes.tile}
      data-empty={empty || undefined}
    >
      <Text fw={620} size="lg" className="break">
        {empty && <IconFilePlus size={18} className={classes.icon} aria-hidden="true" />}
        {title}
      </Text>
      <Text size="sm" c="dimmed">
        {children}
      </Text>
      {foot && (
        <Text size="xs" className={classes.foot}>
          {foot}
        </Text>
      )}
    </Card>
  );
}

function Waiting() {
  return (
    <Page title="New workflow" back={back}>
      <Skeleton height={420} radius="lg" role="status" aria-label="Loading" />
    </Page>
  );
}

function Begun({ from, draftKey }: { from: Definition; draftKey: string }) {
  const [enabled, setEnabled] = useState(false);
  const [, navigate] = useLocation();
  const create = useCreateWorkflow();
  return (
    <Editor
      title="New workflow"
      back={{ href: '/workflows/new', label: 'Templates' }}
      draftKey={draftKey}
      saved={from}
      version={0}
      isNew
      save={async (definition, as) => {
        const { data, meta } = await create.mutateAsync({
          definition,
          enabled: enabled && !as?.off,
          draft: as?.draft,
          reason: as?.reason,
        });
        const warnings = meta.warnings ?? [];
        if (data.draft) {
          notifications.show({
            color: 'orange',
            title: 'Saved as a draft',
            message: 'It is off until its problems are solved.',
          });
        } else if (warnings.length > 0) {
          notifications.show({
            color: 'orange',
            title: `Saved and enabled, with ${warnings.length === 1 ? 'a warning' : 'warnings'}`,
            message: <WarningLines warnings={warnings} />,
            autoClose: 15_000,
          });
        }
        return `/workflows/${data.id}/edit`;
      }}
      onDecline={() => create.reset()}
      saving={create.isPending}
      error={create.error}
      onDiscard={() => navigate('/workflows/new')}
      enable={
        <Switch
          label="Enable it when it is saved"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
          withThumbIndicator={false}
        />
      }
    />
  );
}
