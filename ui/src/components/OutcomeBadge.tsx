import { Badge, Loader } from '@mantine/core';
import {
  IconAlertCircle,
  IconBan,
  IconCheck,
  IconClock,
  IconGhost2,
  IconHourglass,
  IconMinus,
  IconRoute,
} from '@tabler/icons-react';
import type { Outcome } from '../api/client';
import { type OutcomeOf, outcomeLook } from '../words/outcome';

const icons: Record<Outcome, React.ReactNode> = {
  SUCCESS: <IconCheck size={12} stroke={2.6} />,
  FAILURE: <IconAlertCircle size={12} stroke={2.4} />,
  SKIPPED: <IconMinus size={12} stroke={2.6} />,
  PENDING: <IconClock size={12} stroke={2.4} />,
  WAITING: <IconHourglass size={12} stroke={2.4} />,
  CANCELLED: <IconBan size={12} stroke={2.4} />,
  RUNNING: <Loader size={10} color="currentColor" />,
};

function iconOf(outcome: Outcome, { shadow, change }: OutcomeOf) {
  if (outcome !== 'SUCCESS') return icons[outcome];
  if (change) return <IconRoute size={12} stroke={2.4} />;
  return shadow ? <IconGhost2 size={12} stroke={2.2} /> : icons.SUCCESS;
}

export function OutcomeBadge({ outcome, size = 'md', ...of }: { outcome: Outcome; size?: 'md' | 'lg' } & OutcomeOf) {
  const { label, color } = outcomeLook(outcome, of);
  return (
    <Badge
      color={color}
      size={size}
      px={7}
      leftSection={iconOf(outcome, of)}
      data-outcome={outcome}
      data-shadow={of.shadow || undefined}
      title={of.shadow ? 'Shadow: nothing was written' : undefined}
    >
      {label}
    </Badge>
  );
}
