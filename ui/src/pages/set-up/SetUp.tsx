import { Button, Code, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSearch } from 'wouter';
import { Bare } from '../../app/Bare';
import { useSetUp } from '../../app/session';
import { Failure } from '../../components/Failure';

/** Creates the first administrator, with the one-time link from the server's log. */
export default function SetUp() {
  const token = new URLSearchParams(useSearch()).get('token')?.trim() ?? '';
  return token ? <SetUpForm token={token} /> : <NoToken />;
}

function NoToken() {
  return (
    <Bare
      title="Set up Neo Agent"
      lead="Nobody can sign in yet. The first administrator is created with a one-time link."
    >
      <List type="ordered" spacing="xs">
        <List.Item>Look into the log of the server, where you started Neo Agent.</List.Item>
        <List.Item>
          Find the setup link: an address that contains <Code>/setup?token=…</Code>
        </List.Item>
        <List.Item>Open it in this browser.</List.Item>
      </List>
      <Text size="sm" c="dimmed">
        No link there? Restart the server: it writes a new one for as long as there is no administrator.
      </Text>
    </Bare>
  );
}

function SetUpForm({ token }: { token: string }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [tooShort, setTooShort] = useState(false);
  const setUp = useSetUp();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password.length < 10) {
      setTooShort(true);
      return;
    }
    setUp.mutate({ token, name: name.trim(), email: email.trim(), password });
  };

  return (
    <Bare title="Set up Neo Agent" lead="Create the first administrator. You are signed in right after.">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            autoComplete="name"
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what was typed' }}
            label="Password"
            description="At least 10 characters"
            autoComplete="new-password"
            required
            withAsterisk={false}
            maxLength={256}
            value={password}
            error={tooShort && password.length < 10 ? 'Use at least 10 characters.' : undefined}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {setUp.isError && <Failure title="The administrator was not created" error={setUp.error} />}
          <Button type="submit" fullWidth loading={setUp.isPending}>
            Create administrator
          </Button>
        </Stack>
      </form>
    </Bare>
  );
}
