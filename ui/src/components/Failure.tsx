import { Alert, Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Problem } from '../api/problem';

interface Props {
  error: unknown;
  title: string;
  onRetry?: () => void;
  retrying?: boolean;
  children?: ReactNode;
}

/** A failure in the place where the result would have been: what happened, what to do next, and a way to try again. */
export function Failure({ error, title, onRetry, retrying, children }: Props) {
  const problem = Problem.from(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm">{problem.message}</Text>
      <Details problem={problem} />
      {children}
      {onRetry && (
        <Group mt="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} />}
            onClick={onRetry}
            loading={retrying}
          >
            Retry
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function Details({ problem }: { problem: Problem }) {
  return (
    <>
      {problem.details.length > 0 && (
        <List size="sm" mt={6} spacing={2}>
          {problem.details.map((detail) => (
            <List.Item key={detail} className="break">
              {detail}
            </List.Item>
          ))}
        </List>
      )}
      {problem.requestId && problem.status >= 500 && (
        <Text size="xs" c="dimmed" mt={6}>
          In the server’s log: <span className="mono break">{problem.requestId}</span>
        </Text>
      )}
    </>
  );
}
