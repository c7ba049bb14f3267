import { Alert, Button, Code, Collapse, Group, List, Tabs, Text, Title, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconDownload, IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Integration, SetupFiles } from '../../api/client';
import { Problem } from '../../api/problem';
import { Copy } from '../../components/Copy';
import { Failure } from '../../components/Failure';
import { list } from '../../words/ticket';
import { Checks } from './Checks';
import classes from './Connection.module.css';
import { useInspect, useSetupFiles } from './queries';
import { notPlanted } from './states';

/** Where the section of a connection is, for links to it. */
export const byHandId = (integrationId: string) => `by-hand-${integrationId}`;

/**
 * The way for accounts that may not plant: an administrator of the instance does it, from a file or with a script.
 * Open where it is the next step, behind its title elsewhere.
 */
export function SetUpByHand({ integration, open = false }: { integration: Integration; open?: boolean }) {
  const [opened, { toggle }] = useDisclosure(open);
  return (
    <section className={classes.section} aria-label="Set up by hand" id={byHandId(integration.id)} tabIndex={-1}>
      <Title order={2} size="h3">
        {open ? (
          'Set up by hand'
        ) : (
          <UnstyledButton onClick={toggle} aria-expanded={opened} className={classes.toggle}>
            Set up by hand
            <IconChevronDown size={15} aria-hidden="true" style={{ rotate: opened ? '180deg' : undefined }} />
          </UnstyledButton>
        )}
      </Title>
      <Collapse expanded={opened}>
        <Text size="sm" c="dimmed" mt="xs" maw={720}>
          ServiceNow lets administrators only write Business Rules and System Properties. Your security team need not
          give Neo’s account the role admin for that: an administrator can plant both from a file or with a script, and
          see what is in them first.
        </Text>
        <Prepare id={integration.id} />
        {integration.state === 'FAILED' ? (
          <Text size="sm" mt="md">
            When both are in place, click Reconnect.
          </Text>
        ) : (
          <Verify id={integration.id} />
        )}
      </Collapse>
    </section>
  );
}

function Prepare({ id }: { id: string }) {
  const files = useSetupFiles(id);
  if (files.data) return <Files files={files.data} />;
  return (
    <>
      <Button mt="sm" size="sm" loading={files.isPending} onClick={() => files.mutate()}>
        Prepare the files
      </Button>
      <Text size="xs" c="dimmed" mt={6}>
        They hold the secret of Neo’s callback address, so they are made only when you ask.
      </Text>
      {files.isError && (
        <div className={classes.result}>
          <Failure title="The files could not be made" error={files.error} />
        </div>
      )}
    </>
  );
}

function Files({ files }: { files: SetupFiles }) {
  return (
    <>
      <Alert color="orange" variant="light" mt="sm" icon={<IconLock size={18} />} title="Both hold a secret">
        <Text size="sm">
          It is the key of Neo’s callback address. Give them to the administrator only, and delete them afterwards.
        </Text>
      </Alert>
      <Tabs defaultValue="update-set" mt="sm">
        <Tabs.List>
          <Tabs.Tab value="update-set">Update set</Tabs.Tab>
          <Tabs.Tab value="script">Background script</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="update-set" pt="md">
          <Steps>
            <List.Item>
              Download the file.
              <div className={classes.result}>
                <Button
                  size="sm"
                  variant="default"
                  leftSection={<IconDownload size={15} />}
                  onClick={() => download(files.file_name, files.update_set)}
                >
                  Download {files.file_name}
                </Button>
              </div>
            </List.Item>
            <List.Item>
              In ServiceNow, open <b>System Update Sets → Retrieved Update Sets</b>.
            </List.Item>
            <List.Item>
              Click <b>Import Update Set from XML</b>, choose the file, and upload it.
            </List.Item>
            <List.Item>
              Open <b>Neo Agent setup</b>, click <b>Preview Update Set</b>, then <b>Commit Update Set</b>.
            </List.Item>
          </Steps>
        </Tabs.Panel>
        <Tabs.Panel value="script" pt="md">
          <Steps>
            <List.Item>
              Copy the script.
              <div className={classes.result}>
                <Copy value={files.background_script} label="Copy the script" />
              </div>
            </List.Item>
            <List.Item>
              In ServiceNow, open <b>System Definition → Scripts - Background</b>.
            </List.Item>
            <List.Item>
              Paste it, leave the scope at <b>global</b>, and click <b>Run script</b>. It may be run again.
            </List.Item>
          </Steps>
          <Code block mah={260} style={{ overflow: 'auto' }} mt="sm" tabIndex={0} aria-label="Background script">
            {files.background_script}
          </Code>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Steps({ children }: { children: ReactNode }) {
  return (
    <List type="ordered" size="sm" spacing={8}>
      {children}
    </List>
  );
}

function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: some browsers begin to read it only after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Looks whether an administrator has planted both. */
function Verify({ id }: { id: string }) {
  const verify = useInspect(id);
  const missing = verify.data && notPlanted(verify.data.checks);
  return (
    <>
      <Group mt="md" gap="sm">
        <Button variant="default" size="sm" loading={verify.isPending} onClick={() => verify.mutate()}>
          Verify
        </Button>
        <Text size="sm" role="status" style={{ flex: '1 1 240px' }}>
          {verify.isPending && 'Looking at the instance…'}
          {!verify.isPending && verify.data && verdict(missing?.map((c) => c.label))}
        </Text>
      </Group>
      {verify.isError && (
        <Text size="sm" c="var(--mantine-color-error)" mt="xs" role="alert" className="break">
          {Problem.from(verify.error).message}
        </Text>
      )}
      {missing && missing.length > 0 && (
        <div className={classes.result}>
          <Checks checks={missing} label="What is not there yet" />
        </div>
      )}
    </>
  );
}

function verdict(missing: string[] | undefined): string {
  if (!missing) return 'Nobody could look: see the checks under Health.';
  return missing.length === 0 ? 'Both are in place.' : `Not there yet: ${list(missing)}.`;
}
