import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';

interface Props {
  title: string;
  /** Shown instead of the title, where it is more than text. */
  heading?: ReactNode;
  lead?: ReactNode;
  back?: { href: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: its name in the tab and on the page, where it belongs, and what can be done with all of it. */
export function Page({ title, heading, lead, back, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} – Neo Agent`;
  }, [title]);
  return (
    <Stack gap="lg">
      <div>
        {back && (
          <Anchor component={Link} href={back.href} size="sm" c="dimmed" mb={6} display="inline-block">
            <Group gap={4} wrap="nowrap">
              <IconArrowLeft size={14} aria-hidden="true" /> {back.label}
            </Group>
          </Anchor>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <div style={{ minWidth: 0, flex: '1 1 260px' }}>
            <Title order={1} className="break">
              {heading ?? title}
            </Title>
            {lead && (
              <Text c="dimmed" mt={2} component="div" className="break">
                {lead}
              </Text>
            )}
          </div>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </div>
      {children}
    </Stack>
  );
}
