import {
  Alert,
  Badge,
  Button,
  Card,
  Group,
  Modal,
  NativeSelect,
  Skeleton,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiKey } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Copy } from '../../components/Copy';
import { Empty } from '../../components/Empty';
import { Failure } from '../../components/Failure';
import { When } from '../../components/When';
import { apiKeysQuery, useCreateApiKey, useRevokeApiKey } from './queries';
import classes from './Settings.module.css';

/** Keys with which programs use the API as the person who made them. */
export function ApiKeys() {
  const apiKeys = useQuery(apiKeysQuery);
  const [creating, { open, close }] = useDisclosure(false);
  if (apiKeys.isPending) {
    return (
      <Card role="status" aria-label="Loading">
        <Skeleton height={120} />
      </Card>
    );
  }
  if (!apiKeys.data) {
    return (
      <Failure
        title="The API keys could not be loaded"
        error={apiKeys.error}
        onRetry={() => void apiKeys.refetch()}
        retrying={apiKeys.isFetching}
      />
    );
  }
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Create API key
    </Button>
  );
  return (
    <Card p={0}>
      {apiKeys.data.length === 0 ? (
        <Empty icon={<IconKey size={26} stroke={1.6} />} title="No API keys yet" action={create}>
          A key lets a program use Neo’s API as you: the command line, a script, your team’s CI.
        </Empty>
      ) : (
        <>
          <div className={classes.head}>
            <div>
              <Title order={2}>API keys</Title>
              <Text size="sm" c="dimmed" maw={600}>
                A key lets a program use Neo’s API as you. Send it as{' '}
                <span className="mono">Authorization: Bearer …</span>
              </Text>
            </div>
            {create}
          </div>
          <ul className={classes.list} aria-label="API keys">
            {apiKeys.data.map((key) => (
              <Item key={key.id} apiKey={key} />
            ))}
          </ul>
        </>
      )}
      <Create opened={creating} onClose={close} />
    </Card>
  );
}

function Item({ apiKey }: { apiKey: ApiKey }) {
  const expired = apiKey.expires_at !== null && new Date(apiKey.expires_at).getTime() <= Date.now();
  return (
    <li className={classes.item}>
      <div className={classes.mark} aria-hidden="true">
        <IconKey size={19} stroke={1.6} />
      </div>
      <div className={classes.what}>
        <Group gap={8}>
          <Text fw={600} className="break">
            {apiKey.name}
          </Text>
          <Text size="sm" c="dimmed" className="mono">
            neo_sk_…{apiKey.hint}
          </Text>
          {expired && (
            <Badge color="red" size="sm">
              Expired
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" component="div" className={classes.facts}>
          <span>
            created <When at={apiKey.created_at} />
          </span>
          <span>
            {apiKey.last_used_at ? (
              <>
                last used <When at={apiKey.last_used_at} />
              </>
            ) : (
              'never used'
            )}
          </span>
          <span>
            {apiKey.expires_at ? (
              <>
                {expired ? 'expired' : 'expires'} <When at={apiKey.expires_at} />
              </>
            ) : (
              'never expires'
            )}
          </span>
        </Text>
      </div>
      <Revoke apiKey={apiKey} />
    </li>
  );
}

const spans = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
];

function Create({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateApiKey();
  const close = () => {
    onClose();
    create.reset(); // the key is gone with it
  };
  const made = create.data;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? `The key “${made.name}”` : 'Create an API key'}
      centered
      // A slip beside the window must not lose the only sight of the key.
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      withCloseButton={!made}
    >
      {made ? (
        <>
          <Alert role="note" color="orange" icon={<IconAlertTriangle size={18} />} mb="md">
            Copy it now: it is shown this once. Neo keeps only a fingerprint of it.
          </Alert>
          <div className={classes.key}>{made.key}</div>
          <Group justify="space-between" mt="lg">
            <Copy value={made.key} label="Copy key" />
            <Button onClick={close}>I have it</Button>
          </Group>
        </>
      ) : (
        <CreateForm create={create} onClose={close} />
      )}
    </Modal>
  );
}

function CreateForm({ create, onClose }: { create: ReturnType<typeof useCreateApiKey>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [asked, setAsked] = useState(false);
  const mistake = name.trim() ? '' : 'Say what the key is for.';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (mistake) return;
    const expires = days && new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    create.mutate({ name: name.trim(), ...(expires && { expires_at: expires }) });
  };
  return (
    <form onSubmit={submit} className={classes.form} noValidate>
      <TextInput
        label="Name"
        description="What it is for, so that it can be told from others."
        placeholder="CI of the workflows repository"
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
        error={asked && mistake}
        data-autofocus
      />
      <NativeSelect
        label="Expires"
        data={spans}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
      {create.isError && <Failure title="The key was not created" error={create.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={create.isPending}>
          Create key
        </Button>
      </Group>
    </form>
  );
}

function Revoke({ apiKey }: { apiKey: ApiKey }) {
  const [opened, { open, close }] = useDisclosure(false);
  const revoke = useRevokeApiKey(apiKey.id);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          revoke.reset();
          open();
        }}
        aria-label={`Revoke ${apiKey.name}`}
      >
        Revoke
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title={`Revoke “${apiKey.name}”?`}
        action="Revoke key"
        busy={revoke.isPending}
        failed="The key was not revoked"
        error={revoke.error}
        onConfirm={() => revoke.mutate(undefined, { onSuccess: close })}
      >
        Programs that use it are refused at once. This cannot be undone.
      </Confirm>
    </>
  );
}
