import { ActionIcon, Indicator, Tooltip } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { alertsQuery } from '../pages/alerts/queries';

/** How many alerts are open and unread, and the way to them. */
export function Bell() {
  const alerts = useQuery(alertsQuery);
  const unread = alerts.data?.filter((a) => !a.read && !a.resolved_at).length ?? 0;
  const label = unread === 0 ? 'Alerts' : unread === 1 ? 'Alerts: one is new' : `Alerts: ${unread} are new`;
  return (
    <Tooltip label={label}>
      <Indicator label={unread} size={16} disabled={unread === 0} color="red" offset={5}>
        <ActionIcon component={Link} href="/alerts" variant="subtle" color="gray" size="lg" aria-label={label}>
          <IconBell size={18} stroke={1.7} />
        </ActionIcon>
      </Indicator>
    </Tooltip>
  );
}
