import { queryOptions } from '@tanstack/react-query';
import { api, type Definition, data, type Obstacle } from '../../api/client';
import { permissionPath } from '../integrations/permissions';

/** What keeps a definition from working: it asks the instances, so that it is asked for seldom. */
export const readinessQuery = (definition: Definition, text: string, id?: string) =>
  queryOptions({
    queryKey: ['workflow-readiness', id ?? '', text],
    queryFn: ({ signal }) =>
      data(api.POST('/api/v1/workflows/readiness', { body: { definition, ...(id && { id }) }, signal })),
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
  });

/** Where an obstacle is solved, when that is not in the workflow. */
export function remedy(o: Obstacle): { href: string; label: string } | undefined {
  if (o.permission_group && o.integration_id) {
    return { href: permissionPath(o.integration_id, o.permission_group), label: 'Change the permission' };
  }
  if (o.path.endsWith('.config.endpoint')) return { href: '/settings', label: 'Open the settings' };
  return undefined;
}
