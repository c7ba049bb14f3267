import { Button, Group, Input, Modal, SegmentedControl, Select, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { Problem } from '../../api/problem';
import { Failure } from '../../components/Failure';
import { moment } from '../../words/time';
import { followRuns } from '../workflows/followRuns';
import { workflowsQuery } from '../workflows/queries';
import { useRunWorkflow } from './queries';
import classes from './ScheduledWork.module.css';
import { fromField, nextHour, ticketNumbers, timeMistake, toField, zone } from './time';

interface Props {
  opened: boolean;
  onClose: () => void;
  /** What is known already; "" for nothing. */
  workflow?: string;
  ticket?: string;
}

/** Asks for work: which workflow, on which ticket, when. */
export function NewWork({ opened, onClose, workflow = '', ticket = '' }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Schedule new work" centered size="md">
      <Form onClose={onClose} workflow={workflow} ticket={ticket} />
    </Modal>
  );
}

interface Mistakes {
  workflow?: string;
  tickets?: string;
  at?: string;
}

function Form({ onClose, workflow, ticket }: { onClose: () => void; workflow: string; ticket: string }) {
  const workflows = useQuery(workflowsQuery);
  const run = useRunWorkflow();
  const [workflowId, setWorkflowId] = useState<string | null>(workflow || null);
  const [tickets, setTickets] = useState(ticket);
  const [when, setWhen] = useState<'time' | 'now'>('time');
  const [at, setAt] = useState(() => toField(nextHour()));
  const [note, setNote] = useState('');
  const [mistakes, setMistakes] = useState<Mistakes>({});

  useEffect(() => {
    if (!workflowId || !workflows.data || workflows.data.some((w) => w.id === workflowId)) return;
    setWorkflowId(null);
  }, [workflowId, workflows.data]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const numbers = ticketNumbers(tickets);
    const wrong: Mistakes = {
      ...(!workflowId && { workflow: 'Choose a workflow.' }),
      ...(numbers.length === 0 && { tickets: 'Enter the number of a ticket, as INC0010001.' }),
      ...(when === 'time' && timeMistake(at) && { at: timeMistake(at) }),
    };
    setMistakes(wrong);
    if (!workflowId || Object.keys(wrong).length > 0) return;
    const time = when === 'time' ? fromField(at)?.toISOString() : undefined;
    run.mutate(
      { workflowId, tickets: numbers, ...(time && { at: time }), ...(note.trim() && { note: note.trim() }) },
      {
        onSuccess: (work) => {
          if (time) {
            notifications.show({
              color: 'green',
              title: 'Scheduled',
              message: `${numbers.length === 1 ? numbers[0] : `${numbers.length} tickets`}, ${moment(time)}`,
            });
          } else {
            void followRuns(workflows.data?.find((w) => w.id === workflowId)?.definition.name ?? '', work ?? []);
          }
          onClose();
        },
      },
    );
  };

  // A ticket that nobody knows is told beside the tickets; the rest beneath the form.
  const problem = run.isError ? Problem.from(run.error) : undefined;
  const aboutTickets =
    problem && (problem.code === 'not_found' || /ticket/i.test(problem.message)) && problem.status < 500;
  return (
    <form onSubmit={submit} className={classes.form} noValidate>
      <Select
        label="Workflow"
        placeholder={workflows.isPending ? 'Loading…' : 'Choose a workflow'}
        data={(workflows.data ?? []).map((w) => ({ value: w.id, label: w.definition.name }))}
        value={workflowId}
        onChange={(value) => {
          setWorkflowId(value);
          setMistakes((m) => ({ ...m, workflow: undefined }));
        }}
        searchable
        openOnFocus={false}
        nothingFoundMessage={workflows.isError ? 'The workflows could not be loaded' : 'No workflow has such a name'}
        error={mistakes.workflow}
        data-autofocus={!workflow || undefined}
      />
      <TextInput
        label="Ticket number"
        description="Several: separate them by commas."
        placeholder="INC0010001"
        value={tickets}
        onChange={(event) => {
          setTickets(event.currentTarget.value);
          setMistakes((m) => ({ ...m, tickets: undefined }));
          if (run.isError) run.reset();
        }}
        autoComplete="off"
        spellCheck={false}
        error={mistakes.tickets ?? (aboutTickets ? problem.message : undefined)}
      />
      <Input.Wrapper label="When" labelElement="div">
        <SegmentedControl
          aria-label="When"
          fullWidth
          data={[
            { value: 'time', label: 'At a time' },
            { value: 'now', label: 'Now' },
          ]}
          value={when}
          onChange={(value) => setWhen(value === 'now' ? 'now' : 'time')}
        />
      </Input.Wrapper>
      {when === 'time' && (
        <TextInput
          label="Date and time"
          description={`In your time zone, ${zone}.`}
          type="datetime-local"
          value={at}
          min={toField(new Date())}
          onChange={(event) => {
            setAt(event.currentTarget.value);
            setMistakes((m) => ({ ...m, at: undefined }));
          }}
          error={mistakes.at}
        />
      )}
      <Textarea
        label="Note"
        description="For your colleagues; it is not written to the ticket."
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {problem && !aboutTickets && <Failure title="The work was not scheduled" error={run.error} />}
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed" style={{ flex: '1 1 160px' }}>
          The connection’s permissions hold here as well.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" loading={run.isPending}>
            {when === 'time' ? 'Schedule' : 'Run now'}
          </Button>
        </Group>
      </Group>
    </form>
  );
}
