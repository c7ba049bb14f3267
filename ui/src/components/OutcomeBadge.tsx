import { Badge, Loader } from '@mantine/core';
import { IconAlertCircle, IconBan, IconCheck, IconClock, IconHourglass, IconMinus } from '@tabler/icons-react';
import type { Outcome } from '../api/client';
import { look, outcomes } from '../words/outcome';

const icons: Record<Outcome, React.ReactNode> = {
  SUCCESS: <IconCheck size={12} stroke={2.6} />,
  FAILURE: <IconAlertCircle size={12} stroke={2.4} />,
  SKIPPED: <IconMinus size={12} stroke={2.6} />,
  PENDING: <IconClock size={12} stroke={2.4} />,
  WAITING: <IconHourglass size={12} stroke={2.4} />,
  CANCELLED: <IconBan size={12} stroke={2.4} />,
  RUNNING: <Loader size={10} color="currentColor" />,
};

export function OutcomeBadge({ outcome, size = 'md' }: { outcome: Outcome; size?: 'md' | 'lg' }) {
  const { label, color } = look(outcomes, outcome);
  return (
    <Badge color={color} size={size} px={7} leftSection={icons[outcome]} data-outcome={outcome}>
      {label}
    </Badge>
  );
}
