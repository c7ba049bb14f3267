import {
  Anchor,
  Badge,
  Button,
  Card,
  Collapse,
  Group,
  Loader,
  Table,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconChevronDown, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, data, type Event, type Verdict } from '../../api/client';
import { keys } from '../../api/queries';
import { Failure } from '../../components/Failure';
import { capital } from '../../words/ticket';
import { changeInWords, comparisonWords, groupWords } from '../../words/workflow';
import classes from './Why.module.css';

const looks: Record<Verdict['verdict'], { label: string; color: string }> = {
  RAN: { label: 'Ran', color: 'green' },
  NOT_TRIGGERED: { label: 'Not triggered', color: 'gray' },
  CONDITIONS: { label: 'Conditions', color: 'gray' },
  NOT_ASKED: { label: 'Not asked', color: 'gray' },
  MATCHED: { label: 'Would match', color: 'orange' },
  TOO_NEW: { label: 'Newer', color: 'gray' },
};

/** Why each workflow ran for a change, or did not: computed again when somebody wants to know. */
export function Why({ event }: { event: Event }) {
  const [asked, { open }] = useDisclosure(false);
  const why = useQuery({
    queryKey: keys.explanation(event.id),
    queryFn: async ({ signal }): Promise<Verdict[]> =>
      (await data(api.GET('/api/v1/events/{id}/explanation', { params: { path: { id: event.id } }, signal }))) ?? [],
    enabled: asked,
  });
  return (
    <Card>
      <Group justify="space-between" gap="sm">
        <Title order={2}>Why each workflow ran, or did not</Title>
        {!asked && (
          <Button variant="default" size="sm" onClick={open}>
            Show why
          </Button>
        )}
      </Group>
      {asked && why.isPending && <Loader size="sm" mt="sm" aria-label="Loading" />}
      {why.isError && !why.data && (
        <Failure
          title="The reasons could not be computed"
          error={why.error}
          onRetry={() => void why.refetch()}
          retrying={why.isFetching}
        />
      )}
      {why.data?.length === 0 && (
        <Text c="dimmed" mt="sm">
          There are no workflows.
        </Text>
      )}
      {why.data && why.data.length > 0 && (
        <ul className={classes.list} aria-label="Workflows">
          {why.data.map((verdict) => (
            <Line key={verdict.workflow_id} verdict={verdict} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line({ verdict }: { verdict: Verdict }) {
  const [opened, { toggle }] = useDisclosure(false);
  const { label, color } = looks[verdict.verdict];
  return (
    <li data-verdict={verdict.verdict}>
      <UnstyledButton onClick={toggle} aria-expanded={opened} className={classes.line}>
        <Badge color={color}>{label}</Badge>
        <span className={classes.text}>
          <Text fw={550} className="break">
            {verdict.workflow_name}
          </Text>
          <Text size="sm" c="dimmed" className="break">
            {verdict.reason}
          </Text>
        </span>
        <IconChevronDown size={16} aria-hidden="true" className={classes.arrow} data-opened={opened || undefined} />
      </UnstyledButton>
      <Collapse expanded={opened}>
        <div className={classes.details}>
          {verdict.explanation ? <Comparisons explanation={verdict.explanation} /> : null}
          <Group gap="md" mt="xs">
            <Anchor component={Link} href={`/workflows/${verdict.workflow_id}`} size="sm">
              Open the workflow
            </Anchor>
            {verdict.run_id && (
              <Anchor component={Link} href={`/runs/${verdict.run_id}`} size="sm">
                Open the execution
              </Anchor>
            )}
            {verdict.version > 0 && (
              <Text size="sm" c="dimmed">
                Version {verdict.version} was asked.
              </Text>
            )}
          </Group>
        </div>
      </Collapse>
    </li>
  );
}

type Explanation = NonNullable<Verdict['explanation']>;
type Rule = NonNullable<Explanation['conditions']>;

interface Row {
  key: string;
  depth: number;
  holds: boolean;
  what: string;
  found: string;
}

const hoursWords = { INSIDE: 'Inside business hours', OUTSIDE: 'Outside business hours' };

/** Every comparison with what was wanted and what was found, the groups among them. */
export function Comparisons({ explanation }: { explanation: Explanation }) {
  const hours = explanation.business_hours;
  const rows: Row[] = [
    ...(explanation.own_change
      ? [{ key: 'own', depth: 0, holds: false, what: 'A change that Neo did not make', found: 'made by Neo' }]
      : []),
    ...(explanation.triggers ?? []).map((t, i) => ({
      key: `t${i}`,
      depth: 0,
      holds: t.happened,
      what: changeInWords(t.change),
      found: t.happened ? 'happened' : 'did not happen',
    })),
    ...(hours ? [{ key: 'h', depth: 0, holds: hours.holds, what: hoursWords[hours.wanted], found: hours.found }] : []),
    ...(explanation.conditions ? ruleRows(explanation.conditions, 0, 'r') : []),
  ];
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table aria-label="Comparisons" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Holds</Table.Th>
            <Table.Th>Wanted</Table.Th>
            <Table.Th>Found</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key}>
              <Table.Td>
                {row.holds ? (
                  <IconCheck size={16} role="img" aria-label="yes" color="var(--mantine-color-green-text)" />
                ) : (
                  <IconX size={16} role="img" aria-label="no" color="var(--mantine-color-red-text)" />
                )}
              </Table.Td>
              <Table.Td style={{ paddingLeft: 10 + row.depth * 18 }}>{row.what}</Table.Td>
              <Table.Td>{row.found}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ruleRows(rule: Rule, depth: number, key: string): Row[] {
  if (!rule.combinator) {
    const what = capital(comparisonWords(rule.field, rule.operator, rule.wanted));
    const text = rule.found.display || rule.found.value;
    // A text that is shown for no value is Neo's own, such as “not changed”.
    const found = rule.found.value ? `“${text}”` : text || 'empty';
    return [{ key, depth, holds: rule.holds, what, found }];
  }
  const group = { key, depth, holds: rule.holds, what: groupWords(rule.combinator, rule.not), found: '' };
  return [group, ...(rule.rules ?? []).flatMap((r, i) => ruleRows(r, depth + 1, `${key}.${i}`))];
}
