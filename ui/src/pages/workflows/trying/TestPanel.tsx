import { Alert, Badge, Button, Collapse, Group, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconEye, IconShieldLock } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Definition, Preview, Trial } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { Failure } from '../../../components/Failure';
import { PlanReason, PlanView } from '../../../components/PlanView';
import { actionName, actionWords } from '../../../words/workflow';
import { Comparisons } from '../../event-history/Why';
import { useTestOnTicket } from './queries';
import classes from './Trying.module.css';

/** What a draft would do about one ticket as it is now, step by step. Nothing is written. */
export function TestPanel({ definition }: { definition: Definition }) {
  const test = useTestOnTicket();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  const missing = asked && !number.trim() ? 'Enter the number of a ticket, as INC0010001.' : '';
  const problem = test.isError ? Problem.from(test.error) : undefined;
  const unknown = problem?.code === 'not_found';
  const stale = test.data && JSON.stringify(test.variables?.definition) !== JSON.stringify(definition);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (number.trim()) test.mutate({ definition, number: number.trim() });
  };
  return (
    <section className={classes.panel} aria-label="Test on a ticket">
      <div className={classes.stack}>
        <form onSubmit={submit} className={classes.form} noValidate>
          <TextInput
            label="Ticket number"
            placeholder="INC0010001"
            value={number}
            maxLength={64}
            onChange={(event) => {
              setNumber(event.currentTarget.value);
              if (test.isError) test.reset();
            }}
            autoComplete="off"
            spellCheck={false}
            error={missing || (unknown && problem.message)}
          />
          <Button type="submit" loading={test.isPending} mb={missing || unknown ? 24 : 0}>
            Test
          </Button>
        </form>
        <div className={classes.promise}>
          <IconEye size={16} stroke={1.7} aria-hidden="true" />
          <span>Nothing is written: Neo reads the ticket and says what it would do.</span>
        </div>
        {problem && !unknown && <Failure title="The test could not be made" error={test.error} />}
        {test.data && (
          <>
            {stale && (
              <Alert role="status" color="yellow" icon={<IconAlertTriangle size={18} />}>
                The workflow was changed since this test. Test again to see what it does now.
              </Alert>
            )}
            <Result result={test.data} definition={test.variables?.definition ?? definition} />
          </>
        )}
      </div>
    </section>
  );
}

function Result({ result, definition }: { result: Trial; definition: Definition }) {
  const { steps } = result;
  const bad = steps.filter((s) => s.error || s.refused).length;
  return (
    <div className={classes.stack} aria-live="polite">
      <div className={`${classes.box} ${classes.verdict}`}>
        <Text fw={600} className="break">
          {result.number}{' '}
          <Text span inherit fw={400} c="dimmed">
            {result.title}
          </Text>
        </Text>
        <Verdict result={result} />
      </div>
      <Group justify="space-between" gap="xs">
        <Title order={3}>{result.matches ? 'What it would do' : 'What it would do if it ran'}</Title>
        {bad > 0 && <Badge color="red">{bad === 1 ? 'One step would not work' : `${bad} steps would not work`}</Badge>}
      </Group>
      {steps.length === 0 ? (
        <Text c="dimmed">The workflow has no steps.</Text>
      ) : (
        <ol className={classes.steps} aria-label="Steps of the test">
          {steps.map((step) => (
            <Step
              key={step.position}
              step={step}
              ticketClass={result.ticket.class}
              action={definition.actions?.[step.position]}
            />
          ))}
        </ol>
      )}
    </div>
  );
}

function verdictWords({ matches, explanation }: Trial): string {
  if (matches) return 'Its conditions hold for this ticket';
  const { conditions, business_hours: hours } = explanation;
  if ((conditions && !conditions.holds) || (hours && !hours.holds)) return 'Its conditions do not hold for this ticket';
  return 'Its conditions hold, but the newest change of this ticket does not start it';
}

function Verdict({ result }: { result: Trial }) {
  const [opened, { toggle }] = useDisclosure(!result.matches);
  const { explanation } = result;
  const told = explanation.conditions || (explanation.triggers ?? []).length > 0;
  const Icon = result.matches ? IconCircleCheck : IconCircleX;
  const color = result.matches ? 'green' : 'gray';
  return (
    <>
      <Group justify="space-between" gap="xs" mt={6}>
        <Group gap={6} wrap="nowrap" c={`var(--mantine-color-${color}-light-color)`}>
          <Icon size={17} aria-hidden="true" style={{ flex: 'none' }} />
          <Text size="sm" fw={550}>
            {verdictWords(result)}
          </Text>
        </Group>
        {told && (
          <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={opened}>
            {opened ? 'Hide why' : 'Show why'}
          </Button>
        )}
      </Group>
      {told && (
        <Collapse expanded={opened}>
          <div className={classes.plan}>
            <Comparisons explanation={explanation} />
          </div>
        </Collapse>
      )}
    </>
  );
}

function Step({
  step,
  ticketClass,
  action,
}: {
  step: Preview;
  ticketClass: string;
  action: NonNullable<Definition['actions']>[number] | undefined;
}) {
  const title = action && action.type === step.action ? actionWords(action) : actionName(step.action);
  const state = step.error ? 'failed' : step.refused ? 'refused' : undefined;
  return (
    <li className={classes.step} data-state={state}>
      <div className={classes.number} aria-hidden="true">
        {step.position + 1}
      </div>
      <div style={{ minWidth: 0 }}>
        <Group gap={8}>
          <Text fw={600} className="break">
            {title}
          </Text>
          {step.approval && (
            <Badge color="blue" size="sm">
              Asks a technician first
            </Badge>
          )}
        </Group>
        {step.message && (
          <Text size="sm" c="dimmed" className="break">
            {step.message}
          </Text>
        )}
        {step.refused && (
          <Alert role="note" color="orange" icon={<IconShieldLock size={17} />} mt="xs" p="sm" title="Not allowed">
            <Text size="sm" className="break">
              {step.refused}
            </Text>
          </Alert>
        )}
        {step.error && (
          <Alert
            role="note"
            color="red"
            icon={<IconAlertTriangle size={17} />}
            mt="xs"
            p="sm"
            title="This step would fail"
          >
            <Text size="sm" className="break">
              {step.error}
            </Text>
          </Alert>
        )}
        {!state && (
          <div className={classes.plan}>
            <PlanView
              plan={step.plan}
              before={step.before}
              ticketClass={ticketClass}
              label={`Planned changes of step ${step.position + 1}`}
              nothing={step.message ? '' : undefined}
            />
            <PlanReason plan={step.plan} told={step.message} />
          </div>
        )}
      </div>
    </li>
  );
}
