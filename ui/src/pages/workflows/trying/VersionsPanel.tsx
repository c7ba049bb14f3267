import { useQuery } from '@tanstack/react-query';
import type { Definition } from '../../../api/client';
import { workflowQuery } from '../queries';
import { Summary } from '../Summary';

export function VersionsPanel({ id }: { id: string; onRestore: (definition: Definition) => void }) {
  const workflow = useQuery(workflowQuery(id));
  return workflow.data ? <Summary definition={workflow.data.definition} /> : null;
}
