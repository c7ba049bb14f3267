import { Group, Text } from '@mantine/core';
import { IconArrowBackUp, IconPencil, IconPlayerPlay, IconPlus, IconRoute } from '@tabler/icons-react';
import type { EventType } from '../../api/client';
import { eventTypes } from '../../words/event';

const icons: Record<EventType, typeof IconPlus> = {
  WORKFLOW_EXECUTION: IconRoute,
  ENTITY_CREATED: IconPlus,
  ENTITY_UPDATED: IconPencil,
  WORKFLOW_TRIGGER_REQUESTED: IconPlayerPlay,
};

/** What kind of entry it is, told apart at a glance. */
export function TypeName({
  type,
  size = 'sm',
  more,
  undo,
}: {
  type: EventType;
  size?: 'xs' | 'sm';
  more?: string;
  /** It takes back what another run changed. */
  undo?: boolean;
}) {
  const Icon = undo ? IconArrowBackUp : icons[type];
  return (
    <Group gap={5} wrap="nowrap" align="flex-start">
      {Icon && (
        <Icon
          size={size === 'xs' ? 13 : 15}
          stroke={1.8}
          aria-hidden="true"
          color="var(--mantine-color-dimmed)"
          style={{ flex: 'none', marginTop: 2 }}
        />
      )}
      <Text size={size} c={size === 'xs' ? 'dimmed' : undefined}>
        {undo ? 'Undo' : (eventTypes[type] ?? type)}
        {more && ` · ${more}`}
      </Text>
    </Group>
  );
}
