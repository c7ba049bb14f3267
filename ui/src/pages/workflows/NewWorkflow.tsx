import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { Page } from '../../components/Page';
import { pretty, template } from './definition';
import { Editor } from './Editor';
import { useCreateWorkflow } from './queries';

export default function NewWorkflow() {
  const [enabled, setEnabled] = useState(false);
  const create = useCreateWorkflow();
  return (
    <Page
      title="New workflow"
      lead="Start from this template, or paste a workflow’s JSON over it."
      back={{ href: '/workflows', label: 'Workflows' }}
    >
      <Editor
        draftKey="neo-draft-new"
        initial={pretty(template)}
        save={async (definition) => `/workflows/${(await create.mutateAsync({ definition, enabled })).id}`}
        saving={create.isPending}
        error={create.error}
        cancelTo="/workflows"
        options={
          <Checkbox
            label="Enable it as soon as it is saved"
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
        }
      />
    </Page>
  );
}
