import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Link } from 'wouter';

/** Offers to go on with unsaved work, or to give it up. */
export function DraftNotice({
  title,
  text,
  href,
  onContinue,
  onDiscard,
}: {
  title: string;
  text: string;
  /** Where it goes on; or else what does so. */
  href?: string;
  onContinue?: () => void;
  onDiscard: () => void;
}) {
  return (
    <Alert color="petrol" icon={<IconPencil size={18} />} title={title} role="note">
      <Group gap="sm" justify="space-between">
        <Text size="sm" className="break">
          {text}
        </Text>
        <Group gap="xs">
          {href ? (
            <Button component={Link} href={href} size="compact-sm">
              Continue draft
            </Button>
          ) : (
            <Button size="compact-sm" onClick={onContinue}>
              Continue draft
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={onDiscard}>
            Discard
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
