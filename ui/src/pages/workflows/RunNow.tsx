import { Button, Group, Modal, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import type { Workflow } from '../../api/client';
import { Failure } from '../../components/Failure';
import { followRuns } from './followRuns';
import { useRunWorkflow } from './queries';

/** Runs a workflow on tickets that a person names. */
export function RunNow({ workflow, opened, onClose }: { workflow: Workflow; opened: boolean; onClose: () => void }) {
  const [tickets, setTickets] = useState<string[]>([]);
  const [search, setSearch] = useState('');
  const [complaint, setComplaint] = useState('');
  const run = useRunWorkflow(workflow.id);
  const close = () => {
    run.reset();
    setTickets([]);
    setSearch('');
    setComplaint('');
    onClose();
  };
  const submit = () => {
    // What is typed but not yet a pill counts too.
    const typed = search.split(/[\s,;]+/).filter(Boolean);
    const numbers = [...new Set([...tickets, ...typed].map((n) => n.trim().toUpperCase()))];
    if (numbers.length === 0) {
      setComplaint('Name at least one ticket, e.g. INC0010001.');
      return;
    }
    run.mutate(numbers, {
      onSuccess: (work) => {
        void followRuns(workflow.definition.name, work ?? []);
        close();
      },
    });
  };
  return (
    <Modal opened={opened} onClose={close} title={`Run “${workflow.definition.name}” now`} centered>
      <Text size="sm" mb="md" c="dimmed">
        On tickets that you name, whether its trigger fires or not. Its rules still decide whether each ticket is one
        for it.
      </Text>
      <TagsInput
        label="Ticket numbers"
        value={tickets}
        onChange={(next) => {
          setTickets(next);
          setComplaint('');
        }}
        searchValue={search}
        onSearchChange={setSearch}
        splitChars={[',', ' ', ';']}
        placeholder={tickets.length ? undefined : 'INC0010001, CHG0030001'}
        error={complaint}
        data-autofocus
      />
      {run.isError && (
        <div style={{ marginTop: 12 }}>
          <Failure title="It was not started" error={run.error} />
        </div>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button onClick={submit} loading={run.isPending}>
          Run now
        </Button>
      </Group>
    </Modal>
  );
}
