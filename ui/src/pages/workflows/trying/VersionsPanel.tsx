import { Badge, Button, Collapse, Group, Loader, Skeleton, Text, Title, UnstyledButton } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Definition, Version } from '../../../api/client';
import { Empty } from '../../../components/Empty';
import { Failure } from '../../../components/Failure';
import { When } from '../../../components/When';
import { readable } from '../definition';
import { Summary } from '../Summary';
import { partWords, placeWords } from './places';
import { versionQuery, versionsQuery } from './queries';
import classes from './Trying.module.css';

/** Every save of a workflow: who, when, what changed, and the way back to it. */
export function VersionsPanel({ id, onRestore }: { id: string; onRestore: (definition: Definition) => void }) {
  const versions = useQuery(versionsQuery(id));
  const [opened, setOpened] = useState<number | null>(null);
  const newest = versions.data?.[0]?.version;
  return (
    <section className={classes.panel} aria-label="Versions">
      {versions.isPending ? (
        <div role="status" aria-label="Loading" className={classes.versions}>
          <Skeleton height={68} radius="lg" />
          <Skeleton height={68} radius="lg" />
        </div>
      ) : !versions.data ? (
        <Failure
          title="The versions could not be loaded"
          error={versions.error}
          onRetry={() => void versions.refetch()}
          retrying={versions.isFetching}
        />
      ) : versions.data.length === 0 ? (
        <Empty icon={<IconHistory size={26} stroke={1.6} />} title="No versions yet">
          Each save of the workflow is one. Save it, and it is here.
        </Empty>
      ) : (
        <ul className={classes.versions} aria-label="Versions of the workflow">
          {versions.data.map((v) => (
            <li key={v.version} className={classes.box}>
              <UnstyledButton
                className={classes.version}
                aria-expanded={opened === v.version}
                onClick={() => setOpened(opened === v.version ? null : v.version)}
              >
                <Line entry={v} current={v.version === newest} />
                <IconChevronDown size={16} aria-hidden="true" className={classes.arrow} />
              </UnstyledButton>
              <Collapse expanded={opened === v.version}>
                {opened === v.version && (
                  <Details id={id} entry={v} current={v.version === newest} onRestore={onRestore} />
                )}
              </Collapse>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ entry, current }: { entry: Version; current: boolean }) {
  const { summary } = entry;
  return (
    <div style={{ flex: 1, minWidth: 0 }}>
      <Group gap={8}>
        <Text fw={600}>Version {entry.version}</Text>
        {current && (
          <Badge color="petrol" size="sm">
            Now
          </Badge>
        )}
        <Text size="sm" c="dimmed">
          {entry.saved_by ? `${entry.saved_by}, ` : ''}
          <When at={entry.saved_at} />
        </Text>
      </Group>
      {entry.override && (
        <Text size="sm" c="var(--mantine-color-orange-light-color)" mt={2} className="break">
          Enabled although something was missing{entry.override.by && ` by ${entry.override.by}`}:{' '}
          {entry.override.reason}
        </Text>
      )}
      {summary.length > 0 ? (
        <ul className={classes.summary}>
          {summary.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ) : (
        <Text size="sm" c="dimmed" mt={2}>
          {entry.version === 1 ? 'The first save' : 'No differences'}
        </Text>
      )}
    </div>
  );
}

function Details({
  id,
  entry,
  current,
  onRestore,
}: {
  id: string;
  entry: Version;
  current: boolean;
  onRestore: (definition: Definition) => void;
}) {
  const version = useQuery(versionQuery(id, entry.version));
  if (version.isPending) {
    return (
      <div className={classes.details}>
        <Loader size="sm" role="status" aria-label="Loading" />
      </div>
    );
  }
  if (!version.data) {
    return (
      <div className={classes.details}>
        <Failure
          title="This version could not be loaded"
          error={version.error}
          onRetry={() => void version.refetch()}
          retrying={version.isFetching}
        />
      </div>
    );
  }
  const { definition, differences } = version.data;
  return (
    <div className={classes.details}>
      {differences.length > 0 && (
        <div>
          <Title order={3} mb={4}>
            Against version {entry.version - 1}
          </Title>
          <table className={classes.would} aria-label={`Differences of version ${entry.version}`}>
            <thead>
              <tr>
                <th>Where</th>
                <th>Before</th>
                <th>After</th>
              </tr>
            </thead>
            <tbody>
              {differences.map((d) => (
                <tr key={d.path}>
                  <td title={d.path}>{placeWords(d.path)}</td>
                  <td data-label="Before">
                    <Shown value={d.before} className={classes.removed} />
                  </td>
                  <td data-label="After">
                    <Shown value={d.after} className={classes.added} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div>
        <Title order={3} mb="sm">
          What it does
        </Title>
        {readable(definition) ? (
          <Summary definition={definition} />
        ) : (
          <Text c="dimmed" size="sm">
            This version cannot be put into words here.
          </Text>
        )}
      </div>
      {!current && (
        <Group gap="sm">
          <Button
            size="sm"
            leftSection={<IconArrowBackUp size={15} />}
            onClick={() => onRestore(definition)}
            aria-label={`Restore version ${entry.version}`}
          >
            Restore this version
          </Button>
          <Text size="sm" c="dimmed">
            It comes into the editor; nothing is changed until you save.
          </Text>
        </Group>
      )}
    </div>
  );
}

function Shown({ value, className }: { value: unknown; className: string | undefined }) {
  if (value === null || value === undefined || value === '') {
    return (
      <Text span inherit c="dimmed" fs="italic">
        none
      </Text>
    );
  }
  const { text, code } = partWords(value);
  return <span className={`${code ? classes.json : ''} ${className}`}>{text}</span>;
}
