import { useQuery } from '@tanstack/react-query';
import { workflowQuery } from '../queries';
import { Summary } from '../Summary';

export function ShadowPanel({ id }: { id: string }) {
  const workflow = useQuery(workflowQuery(id));
  return workflow.data ? <Summary definition={workflow.data.definition} /> : null;
}
