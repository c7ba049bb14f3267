import { Alert, Anchor } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { integrationsQuery } from '../pages/integrations/queries';
import { connectionLook, host } from '../pages/integrations/states';

/** Says on every page that a connection does not work. On their own pages the connections say so themselves. */
export function ConnectionNotice() {
  const integrations = useQuery(integrationsQuery);
  const [path] = useLocation();
  if (path.startsWith('/integrations')) return null;
  const down = integrations.data?.filter((i) => ['NOT_ANSWERING', 'ACTION_NEEDED'].includes(i.status.state)) ?? [];
  return down.map((i) => {
    const { color, text, label } = connectionLook(i);
    return (
      <Alert
        key={i.id}
        color={color}
        icon={<IconPlugConnectedX size={18} />}
        title={`${host(i.instance_url)}: ${label.toLowerCase()}`}
        role="alert"
        data-status={i.status.state}
        mb="md"
      >
        {text}{' '}
        <Anchor component={Link} href={`/integrations/servicenow/${i.id}`} c="inherit" fw={600} td="underline">
          See the connection
        </Anchor>
      </Alert>
    );
  });
}
