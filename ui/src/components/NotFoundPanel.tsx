import { Button, Card } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import { Link } from 'wouter';
import { Empty } from './Empty';

/** Stands where something should be that is not there (any more), with a way on. */
export function NotFoundPanel({
  title,
  text,
  href,
  label,
}: {
  title: string;
  text: string;
  href: string;
  label: string;
}) {
  return (
    <Card p={0}>
      <Empty
        icon={<IconMapPinOff size={26} stroke={1.6} />}
        title={title}
        action={
          <Button component={Link} href={href} variant="default">
            {label}
          </Button>
        }
      >
        {text}
      </Empty>
    </Card>
  );
}
