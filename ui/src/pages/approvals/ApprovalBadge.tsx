import { Badge } from '@mantine/core';
import { look } from '../../words/outcome';
import type { ApprovalState } from './queries';
import { approvalStates } from './states';

export function ApprovalBadge({ state, size }: { state: ApprovalState; size?: 'md' | 'lg' }) {
  const { label, color } = look(approvalStates, state);
  return (
    <Badge color={color} size={size} px={8} data-state={state}>
      {label}
    </Badge>
  );
}
