import { Alert, Button, Card, Group, Modal, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconAlertTriangle, IconHistory } from '@tabler/icons-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Definition } from '../../api/client';
import { dropLeaveGuard, useLeaveGuard } from '../../app/leave';
import { Failure } from '../../components/Failure';
import { parse, readable } from './definition';
import classes from './Editor.module.css';
import { Summary } from './Summary';

interface Props {
  /** Names the draft that is kept while the tab lives. */
  draftKey: string;
  /** What is saved so far, or the template. */
  initial: string;
  /** Resolves with where to go when it is saved. */
  save: (definition: Definition) => Promise<string>;
  saving: boolean;
  error: unknown;
  /** Told to people when saving failed, besides the API's message. */
  advice?: ReactNode;
  cancelTo: string;
  options?: ReactNode;
}

/**
 * Edits a definition as JSON, with its meaning in words beside it. A draft survives whatever takes the page away: the
 * back button, a reload, the end of the session.
 */
export function Editor({ draftKey, initial, save, saving, error, advice, cancelTo, options }: Props) {
  const [, navigate] = useLocation();
  const [kept] = useState(() => sessionStorage.getItem(draftKey));
  const [restored, setRestored] = useState(kept !== null && kept !== initial);
  const [text, setText] = useState(kept ?? initial);
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const [complaint, setComplaint] = useState('');

  const dirty = text !== initial;
  useEffect(() => {
    if (dirty) sessionStorage.setItem(draftKey, text);
    else sessionStorage.removeItem(draftKey);
  }, [draftKey, text, dirty]);

  const onLeave = useCallback((proceed: () => void) => setLeaving(() => proceed), []);
  useLeaveGuard(dirty, onLeave);
  const leave = (go: () => void) => {
    dropLeaveGuard();
    sessionStorage.removeItem(draftKey);
    go();
  };

  const parsed = parse(text);
  const submit = async () => {
    if (!parsed.definition) {
      setComplaint(parsed.error);
      return;
    }
    setComplaint('');
    try {
      const to = await save(parsed.definition);
      leave(() => navigate(to));
    } catch {
      // shown beneath, from `error`
    }
  };

  return (
    <div className={classes.root}>
      <Stack gap="md" style={{ minWidth: 0 }}>
        {restored && (
          <Alert color="petrol" icon={<IconHistory size={18} />} title="Your unsaved changes are back">
            <Group gap="sm">
              <Text size="sm">They were kept when this page was left.</Text>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  setText(initial);
                  setRestored(false);
                }}
              >
                Discard them
              </Button>
            </Group>
          </Alert>
        )}
        <Textarea
          label="Definition (JSON)"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setComplaint('');
          }}
          autosize
          minRows={18}
          maxRows={34}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          classNames={{ input: classes.code }}
          error={complaint || undefined}
        />
        {Boolean(error) && (
          <Failure title="The workflow was not saved" error={error}>
            {advice}
          </Failure>
        )}
        {options}
        <Group gap="xs">
          <Button onClick={() => void submit()} loading={saving}>
            Save workflow
          </Button>
          <Button variant="subtle" color="gray" onClick={() => navigate(cancelTo)}>
            Cancel
          </Button>
          {dirty && (
            <Text size="sm" c="dimmed">
              Unsaved changes
            </Text>
          )}
        </Group>
      </Stack>

      <Card component="aside" aria-label="In words" className={classes.words}>
        <Title order={2} mb="md">
          In words
        </Title>
        {parsed.definition && readable(parsed.definition) ? (
          <Summary definition={parsed.definition} />
        ) : (
          <Group gap="xs" wrap="nowrap" align="flex-start" c="dimmed">
            <IconAlertTriangle size={18} style={{ flex: 'none', marginTop: 1 }} />
            <Text size="sm">{parsed.error ?? 'Give it target_changes and actions, each a list, to read it here.'}</Text>
          </Group>
        )}
      </Card>

      <Modal opened={leaving !== null} onClose={() => setLeaving(null)} title="Leave without saving?" centered>
        <Text size="sm" mb="lg">
          Your changes to this workflow are not saved.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => setLeaving(null)} data-autofocus>
            Stay
          </Button>
          <Button color="red" onClick={() => leaving && leave(leaving)}>
            Leave
          </Button>
        </Group>
      </Modal>
    </div>
  );
}
