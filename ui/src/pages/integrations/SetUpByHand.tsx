import { Alert, Button, Code, Collapse, Group, List, Tabs, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type Integration, type SetupFiles } from '../../api/client';
import { Problem } from '../../api/problem';
import { keys } from '../../api/queries';
import { Copy } from '../../components/Copy';
import classes from './Connection.module.css';

/** The way for accounts that may not plant: an administrator of the instance does it, from a file or a script. */
export function SetUpByHand({ integration, open = false }: { integration: Integration; open?: boolean }) {
  const client = useQueryClient();
  const [opened, setOpened] = useState(open);
  const path = { params: { path: { id: integration.id } } };
  const failed = (title: string) => (error: unknown) =>
    notifications.show({ color: 'red', title, message: Problem.from(error).message });
  const files = useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/setup-files', path)),
    onError: failed('The files could not be made'),
  });
  const verify = useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/inspect', path)),
    onSuccess: (fresh) => {
      client.setQueryData(keys.health(integration.id), fresh);
      void client.invalidateQueries({ queryKey: keys.integrations });
    },
    onError: failed('Not verified'),
  });
  const missing = verify.data?.checks.filter(
    (c) => c.state === 'failed' && (c.name === 'business_rule' || c.name === 'callback_property'),
  );
  return (
    <section className={classes.section} aria-label="Set up by hand">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h3">
          Set up by hand
        </Title>
        {!open && (
          <Button variant="subtle" size="sm" aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? 'Hide' : 'Show'}
          </Button>
        )}
      </Group>
      <Collapse expanded={opened}>
        <Text size="sm" c="dimmed" mt="xs">
          ServiceNow lets administrators only write Business Rules and System Properties. Neo’s account need not be one:
          an administrator can plant both from a file or with a script, and see what is in them first.
        </Text>
        {!files.data && (
          <Button mt="sm" size="sm" loading={files.isPending} onClick={() => files.mutate()}>
            Prepare the files
          </Button>
        )}
        {files.data && <Files files={files.data} />}
        <Group mt="md" gap="sm">
          <Button variant="default" size="sm" loading={verify.isPending} onClick={() => verify.mutate()}>
            Verify
          </Button>
          <Text size="sm" role="status">
            {verify.data &&
              (missing?.length ? `Not there yet: ${missing.map((c) => c.label).join(', ')}.` : 'Both are in place.')}
          </Text>
        </Group>
      </Collapse>
    </section>
  );
}

function Files({ files }: { files: SetupFiles }) {
  const download = () => {
    const url = URL.createObjectURL(new Blob([files.update_set], { type: 'application/xml' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = files.file_name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <Alert color="orange" variant="light" mt="sm">
        <Text size="sm">
          Both hold the secret of Neo’s callback address. Give them to the administrator only, and delete them
          afterwards.
        </Text>
      </Alert>
      <Tabs defaultValue="update-set" mt="sm">
        <Tabs.List>
          <Tabs.Tab value="update-set">Update set</Tabs.Tab>
          <Tabs.Tab value="script">Background script</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="update-set" pt="sm">
          <Button size="sm" variant="default" onClick={download}>
            Download {files.file_name}
          </Button>
          <List type="ordered" size="sm" mt="sm" spacing={4}>
            <List.Item>In ServiceNow, open System Update Sets → Retrieved Update Sets.</List.Item>
            <List.Item>Choose Import Update Set from XML and upload the file.</List.Item>
            <List.Item>Open “Neo Agent setup”, Preview Update Set, then Commit Update Set.</List.Item>
          </List>
        </Tabs.Panel>
        <Tabs.Panel value="script" pt="sm">
          <Group gap="xs">
            <Copy value={files.background_script} label="Copy the script" />
          </Group>
          <List type="ordered" size="sm" mt="sm" spacing={4}>
            <List.Item>In ServiceNow, open System Definition → Scripts - Background.</List.Item>
            <List.Item>Paste the script, leave the scope at global, and Run script.</List.Item>
          </List>
          <Code block mah={260} style={{ overflow: 'auto' }} mt="sm" tabIndex={0} aria-label="Background script">
            {files.background_script}
          </Code>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
