import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  Modal,
  PasswordInput,
  SegmentedControl,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Endpoint } from '../../api/client';
import { Problem } from '../../api/problem';
import { Failure } from '../../components/Failure';
import { focusNew } from '../../components/focusNew';
import { type EndpointKind, useSaveEndpoint } from './queries';
import classes from './Settings.module.css';

export const kinds: Record<EndpointKind, string> = { SLACK: 'Slack', TEAMS: 'Microsoft Teams', HTTPS: 'HTTPS' };

const hints: Record<EndpointKind, { description: string; placeholder: string }> = {
  SLACK: {
    description: 'From Slack: your app, Incoming Webhooks, Add New Webhook to Workspace.',
    placeholder: 'https://hooks.slack.com/services/…',
  },
  TEAMS: {
    description: 'From Teams: the channel’s Workflows, “Post to a channel when a webhook request is received”.',
    placeholder: 'https://….logic.azure.com/workflows/…',
  },
  HTTPS: {
    description: 'Neo sends a POST with JSON there. Addresses inside your network are refused.',
    placeholder: 'https://example.com/hooks/neo',
  },
};

/** Adds an endpoint, or changes one. What is secret is written and never read. */
export function EndpointForm({
  opened,
  onClose,
  endpoint,
}: {
  opened: boolean;
  onClose: () => void;
  endpoint?: Endpoint;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={endpoint ? `Edit “${endpoint.name}”` : 'Add a message endpoint'}
      centered
      size="lg"
    >
      <Form onClose={onClose} endpoint={endpoint} />
    </Modal>
  );
}

interface Header {
  key: number;
  name: string;
  value: string;
}

function Form({ onClose, endpoint }: { onClose: () => void; endpoint?: Endpoint }) {
  const save = useSaveEndpoint(endpoint?.id);
  const [name, setName] = useState(endpoint?.name ?? '');
  const [kind, setKind] = useState<EndpointKind>(endpoint?.kind ?? 'SLACK');
  const [url, setUrl] = useState('');
  const [headers, setHeaders] = useState<Header[]>([]);
  const [drop, setDrop] = useState(false);
  const [asked, setAsked] = useState(false);

  const urlNeeded = !endpoint || endpoint.kind !== kind;
  const nameMistake = name.trim() ? '' : 'Give it a name by which workflows call it.';
  const urlMistake =
    !url.trim() && urlNeeded
      ? 'Enter the address.'
      : url.trim() && !/^https?:\/\/\S+$/.test(url.trim()) // whether http is allowed there, the server knows
        ? 'An address begins with https:// here.'
        : '';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (nameMistake || urlMistake) return;
    const sent = headers.filter((h) => h.name.trim()).map((h) => ({ name: h.name.trim(), value: h.value }));
    save.mutate(
      {
        name: name.trim(),
        kind,
        ...(url.trim() && { url: url.trim() }),
        ...(kind === 'HTTPS'
          ? (sent.length > 0 || drop) && { headers: sent }
          : endpoint?.kind === 'HTTPS' && { headers: [] }),
      },
      { onSuccess: onClose },
    );
  };
  const change = (key: number, part: Partial<Header>) =>
    setHeaders((all) => all.map((h) => (h.key === key ? { ...h, ...part } : h)));

  const problem = save.isError ? Problem.from(save.error) : undefined;
  const taken = problem?.status === 409;
  return (
    <form onSubmit={submit} className={classes.form} noValidate>
      <TextInput
        label="Name"
        description="Workflows and their runs show it."
        placeholder="On-call channel"
        value={name}
        maxLength={100}
        onChange={(event) => {
          setName(event.currentTarget.value);
          if (taken) save.reset();
        }}
        error={(asked && nameMistake) || (taken && problem.message)}
        data-autofocus
      />
      <Input.Wrapper label="Kind" labelElement="div">
        <SegmentedControl
          aria-label="Kind"
          fullWidth
          data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
          value={kind}
          onChange={(value) => setKind(value as EndpointKind)}
        />
      </Input.Wrapper>
      <PasswordInput
        label="Address"
        description={
          endpoint && endpoint.kind === kind
            ? `At ${endpoint.host}. It is never shown again; leave this empty to keep it.`
            : hints[kind].description
        }
        placeholder={hints[kind].placeholder}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={asked && urlMistake}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the address' }}
      />
      {kind === 'HTTPS' && (
        <div>
          <Text size="sm" fw={500}>
            Headers
          </Text>
          <Text size="xs" c="dimmed" mb={8}>
            For example Authorization. Never shown again{endpoint ? '; new ones replace those that are there' : ''}.
          </Text>
          {headers.map((header, i) => (
            <div key={header.key} className={classes.header} id={`header-${header.key}`}>
              <TextInput
                aria-label={`Name of header ${i + 1}`}
                placeholder="Authorization"
                value={header.name}
                onChange={(event) => change(header.key, { name: event.currentTarget.value })}
                autoComplete="off"
              />
              <PasswordInput
                aria-label={`Value of header ${i + 1}`}
                placeholder="Bearer …"
                value={header.value}
                onChange={(event) => change(header.key, { value: event.currentTarget.value })}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': `Show the value of header ${i + 1}` }}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove header ${i + 1}`}
                onClick={() => setHeaders((all) => all.filter((h) => h.key !== header.key))}
              >
                <IconX size={16} />
              </ActionIcon>
            </div>
          ))}
          {endpoint && headers.length === 0 && (
            <Checkbox
              size="sm"
              mb={8}
              label="Remove the headers that are there"
              checked={drop}
              onChange={(event) => setDrop(event.currentTarget.checked)}
            />
          )}
          <Button
            variant="subtle"
            size="compact-sm"
            mt={headers.length > 0 ? 8 : 0}
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              const key = (headers.at(-1)?.key ?? 0) + 1;
              setHeaders((all) => [...all, { key, name: '', value: '' }]);
              focusNew(() => document.getElementById(`header-${key}`));
            }}
          >
            Add header
          </Button>
        </div>
      )}
      {problem && !taken && <Failure title="The endpoint was not saved" error={save.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending}>
          {endpoint ? 'Save endpoint' : 'Add endpoint'}
        </Button>
      </Group>
    </form>
  );
}
