import { Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import type { ScheduledWork } from '../../api/client';
import { Failure } from '../../components/Failure';
import { useEditWork } from './queries';
import classes from './ScheduledWork.module.css';
import { fromField, timeMistake, toField, zone } from './time';

/** Changes the time or the note of work that has not begun. */
export function EditWork({ work }: { work: ScheduledWork }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={`Edit the work on ${work.number}`}>
        Edit
      </Button>
      <Modal opened={opened} onClose={close} title={`${work.workflow_name} on ${work.number}`} centered>
        <Form work={work} onClose={close} />
      </Modal>
    </>
  );
}

function Form({ work, onClose }: { work: ScheduledWork; onClose: () => void }) {
  const edit = useEditWork(work.id);
  const before = toField(work.at);
  const [at, setAt] = useState(before);
  const [note, setNote] = useState(work.note);
  const [mistake, setMistake] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const moved = at !== before;
    const wrong = moved ? timeMistake(at) : '';
    setMistake(wrong);
    if (wrong) return;
    const time = moved && fromField(at)?.toISOString();
    edit.mutate({ ...(time && { at: time }), note: note.trim() }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} className={classes.form} noValidate>
      <TextInput
        label="Date and time"
        description={`In your time zone, ${zone}.`}
        type="datetime-local"
        value={at}
        min={toField(new Date())}
        onChange={(event) => {
          setAt(event.currentTarget.value);
          setMistake('');
        }}
        error={mistake}
        data-autofocus
      />
      <Textarea
        label="Note"
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {edit.isError && <Failure title="Nothing was changed" error={edit.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button type="submit" loading={edit.isPending}>
          Save
        </Button>
      </Group>
    </form>
  );
}
