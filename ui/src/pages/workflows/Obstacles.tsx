import { Alert, Anchor, Button, Group, List, Modal, Text, Textarea, UnstyledButton } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Definition, Obstacle } from '../../api/client';
import { toDraft } from './definition';
import classes from './Editor.module.css';
import { goTo } from './editing';
import { placeWords } from './problems';
import { remedy } from './readiness';

/** What keeps a workflow from working, each with its place and where it is solved. */
function ObstacleList({
  obstacles,
  definition,
  onPlace,
}: {
  obstacles: Obstacle[];
  definition: Definition;
  /** Leads to the place; without it the place is only named. */
  onPlace?: (path: string) => void;
}) {
  const draft = toDraft(definition);
  return (
    <ul className={classes.problems}>
      {obstacles.map((o) => {
        const elsewhere = remedy(o);
        const text = (
          <>
            <strong>{placeWords(o.path, draft)}</strong>: {o.message}
          </>
        );
        return (
          <li key={`${o.path} ${o.message}`} className="break">
            {onPlace ? (
              <UnstyledButton className={classes.problemLink} onClick={() => onPlace(o.path)}>
                {text}
              </UnstyledButton>
            ) : (
              <Text size="sm" component="span">
                {text}
              </Text>
            )}
            {elsewhere && (
              <>
                {' '}
                <Anchor component={Link} href={elsewhere.href} size="sm">
                  {elsewhere.label}
                </Anchor>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** In the editor: what would keep the draft from working, and what could not be checked. */
export function ObstaclesPanel({
  obstacles,
  unchecked,
  definition,
}: {
  obstacles: Obstacle[];
  unchecked: string[];
  definition: Definition;
}) {
  if (obstacles.length === 0 && unchecked.length === 0) return null;
  return (
    <Alert
      color={obstacles.length ? 'orange' : 'gray'}
      icon={<IconPlugConnectedX size={18} />}
      title={
        obstacles.length === 0
          ? 'Not everything could be checked'
          : obstacles.length === 1
            ? '1 problem to solve before it can be enabled'
            : `${obstacles.length} problems to solve before it can be enabled`
      }
      id="obstacles"
    >
      {obstacles.length > 0 && <ObstacleList obstacles={obstacles} definition={definition} onPlace={goTo} />}
      <Unchecked unchecked={unchecked} />
    </Alert>
  );
}

function Unchecked({ unchecked }: { unchecked: string[] }) {
  return unchecked.map((why) => (
    <Text key={why} size="sm" mt={4} className="break">
      Not checked: {why}
    </Text>
  ));
}

/** Asks what to do about a workflow that was not enabled because it cannot work. */
export function EnableAnyway({
  name,
  obstacles,
  definition,
  busy,
  onClose,
  onAnyway,
  onWithout,
  editor,
}: {
  name: string;
  obstacles: Obstacle[];
  definition: Definition;
  busy: boolean;
  onClose: () => void;
  onAnyway: (reason: string) => void;
  /** Saves it without enabling it, where it is not saved yet. */
  onWithout?: () => void;
  /** Where it can be corrected. */
  editor?: string;
}) {
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const missing = asked && !reason.trim();
  return (
    <Modal opened onClose={onClose} title={`“${name}” cannot work yet`} size="lg" centered>
      <Text size="sm" mb="xs">
        {obstacles.length === 1 ? 'It was not enabled, because' : `It was not enabled. ${obstacles.length} problems:`}
      </Text>
      <ObstacleList obstacles={obstacles} definition={definition} />
      <Textarea
        label="Reason to enable it anyway"
        description="It is stored with this version, with your name."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        mt="md"
        error={missing && 'Give a reason.'}
      />
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        {editor && (
          <Button variant="default" component={Link} href={editor} onClick={onClose}>
            Open the editor
          </Button>
        )}
        {onWithout && (
          <Button variant="default" onClick={onWithout} loading={busy}>
            Save without enabling
          </Button>
        )}
        <Button
          color="orange"
          loading={busy}
          onClick={() => {
            setAsked(true);
            if (reason.trim()) onAnyway(reason.trim());
          }}
        >
          Enable anyway
        </Button>
      </Group>
    </Modal>
  );
}

/** Warnings of the API as lines for people. */
export function WarningLines({ warnings }: { warnings: string[] }) {
  return (
    <List size="sm" spacing={2}>
      {warnings.map((w) => (
        <List.Item key={w} className="break">
          {w}
        </List.Item>
      ))}
    </List>
  );
}
