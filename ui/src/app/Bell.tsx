import { ActionIcon, Indicator, Tooltip } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { isOpen } from '../pages/alerts/order';
import { alertsQuery } from '../pages/alerts/queries';

/** How many alerts are open and unread, and the way to them. */
export function Bell() {
  const alerts = useQuery(alertsQuery);
  const [path] = useLocation();
  const news = alerts.data?.filter((a) => isOpen(a) && !a.read) ?? [];
  const unread = news.length;
  const color = news.some((a) => a.level === 'problem') ? 'red' : 'orange';
  const label = unread === 0 ? 'Alerts' : unread === 1 ? 'Alerts: one is new' : `Alerts: ${unread} are new`;
  return (
    <Tooltip label={label}>
      <Indicator label={unread > 99 ? '99+' : unread} size={16} disabled={unread === 0} color={color} offset={5}>
        <ActionIcon
          component={Link}
          href="/alerts"
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={label}
          aria-current={path === '/alerts' ? 'page' : undefined}
        >
          <IconBell size={18} stroke={1.7} />
        </ActionIcon>
      </Indicator>
    </Tooltip>
  );
}
