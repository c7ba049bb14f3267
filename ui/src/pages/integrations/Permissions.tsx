import { Alert, Button, Group, SegmentedControl, Skeleton, Switch, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Failure } from '../../components/Failure';
import { UnsavedGuard } from '../../components/UnsavedGuard';
import card from './Connection.module.css';
import classes from './Permissions.module.css';
import { changedGroups, levels, nothingWritable, permissionRow, purposeOf, withLevel } from './permissions';
import { type Permission, type PermissionLevel, permissionsQuery, useSavePermissions } from './queries';

const sectionId = 'permissions';

/** Says on a new connection that Neo does not write yet, and leads to where that is changed. */
export function ReadOnlyNotice({ id }: { id: string }) {
  const permissions = useQuery(permissionsQuery(id));
  if (!permissions.data || !nothingWritable(permissions.data)) return null;
  const go = () => {
    const section = document.getElementById(sectionId);
    section?.scrollIntoView({ block: 'start' });
    section?.focus({ preventScroll: true });
  };
  return (
    <Alert role="note" color="blue" radius={0} icon={<IconLock size={18} />} className={classes.notice}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          <b>Neo can read and not write yet:</b> choose what it may do.
        </Text>
        <Button size="xs" variant="default" onClick={go}>
          Choose permissions
        </Button>
      </Group>
    </Alert>
  );
}

/** What Neo may read and write in the ticket system, group by group. */
export function Permissions({ id }: { id: string }) {
  const permissions = useQuery(permissionsQuery(id));
  const section = useRef<HTMLElement>(null);
  const loaded = permissions.data !== undefined;
  useEffect(() => {
    if (!loaded) return;
    const { hash } = window.location;
    if (hash === `#${sectionId}`) section.current?.scrollIntoView({ block: 'start' });
    if (!hash.startsWith(`#${permissionRow('')}`)) return;
    // What is above may still be loading: the row is brought into view once that is done.
    const row = document.getElementById(hash.slice(1));
    const goTo = () => {
      row?.scrollIntoView({ block: 'center' });
      row?.querySelector<HTMLElement>('input:checked')?.focus({ preventScroll: true });
    };
    goTo();
    const later = setTimeout(goTo, 400);
    return () => clearTimeout(later);
  }, [loaded]);
  return (
    <section
      ref={section}
      id={sectionId}
      tabIndex={-1}
      aria-label="Permissions"
      className={`${card.section} ${classes.section}`}
    >
      {permissions.isPending ? (
        <div role="status" aria-label="Loading permissions">
          <Skeleton height={220} radius="md" />
        </div>
      ) : permissions.data ? (
        <Table key={id} id={id} saved={permissions.data} />
      ) : (
        <Failure
          title="The permissions could not be loaded"
          error={permissions.error}
          onRetry={() => void permissions.refetch()}
          retrying={permissions.isFetching}
        />
      )}
    </section>
  );
}

function Table({ id, saved }: { id: string; saved: Permission[] }) {
  const save = useSavePermissions(id);
  const [edited, setEdited] = useState<Permission[] | null>(null);
  const shown = edited ?? saved;
  const changed = changedGroups(shown, saved);
  const change = (next: Permission[]) => {
    setEdited(next);
    if (save.isError) save.reset();
  };
  const set = (group: string, part: Partial<Permission>) =>
    change(shown.map((p) => (p.group === group ? { ...p, ...part } : p)));
  const onSave = () =>
    save.mutate(shown, {
      onSuccess: () => {
        setEdited(null);
        notifications.show({
          color: 'green',
          title: 'Permissions saved',
          message: 'They hold for every step from now on.',
        });
      },
    });
  const blind = shown.find((p) => p.group === 'TICKETS')?.level === 'DISABLED';
  return (
    <>
      <Group justify="space-between" align="flex-start" gap="sm" mb="md">
        <div style={{ flex: '1 1 320px' }}>
          <Title order={2} size="h3">
            Permissions
          </Title>
          <Text size="sm" c="dimmed" maw={620}>
            What workflows may do there. A new connection is read-only until you say otherwise; a step that is not
            allowed fails and says which permission it needs.
          </Text>
        </div>
        <Group gap={6} role="group" aria-label="Presets">
          <Button variant="default" size="xs" onClick={() => change(withLevel(shown, 'READ_ONLY'))}>
            Read only
          </Button>
          <Button variant="default" size="xs" onClick={() => change(withLevel(shown, 'READ_WRITE'))}>
            Full access
          </Button>
        </Group>
      </Group>
      {blind && (
        <Alert color="orange" icon={<IconAlertTriangle size={18} />} mb="md">
          Without reading Tickets no workflow can run there.
        </Alert>
      )}
      <table className={classes.table} aria-label="Permissions by group">
        <thead>
          <tr>
            <th>Group</th>
            <th>Level</th>
            <th>Writes</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((p, i) => {
            const differs = p.level !== saved[i]?.level || p.ask_first !== saved[i]?.ask_first;
            return (
              <tr
                key={p.group}
                id={permissionRow(p.group)}
                data-wanted={window.location.hash === `#${permissionRow(p.group)}` || undefined}
                data-changed={differs || undefined}
                data-level={p.level}
              >
                <th scope="row" className={classes.group}>
                  <Text fw={550}>{p.label}</Text>
                  <Text size="xs" c="dimmed" fw={400}>
                    {purposeOf(p.group)}
                  </Text>
                </th>
                <td>
                  <SegmentedControl
                    size="xs"
                    aria-label={`Level of ${p.label}`}
                    data={levels}
                    value={p.level}
                    onChange={(level) =>
                      set(p.group, {
                        level: level as PermissionLevel,
                        ...(level !== 'READ_WRITE' && { ask_first: false }),
                      })
                    }
                    color={p.level === 'READ_WRITE' ? 'petrol' : undefined}
                    className={classes.level}
                    fullWidth
                  />
                </td>
                <td className={classes.ask}>
                  <Switch
                    size="sm"
                    label="Ask a technician first"
                    aria-label={`Ask a technician first: ${p.label}`}
                    checked={p.ask_first}
                    disabled={p.level !== 'READ_WRITE'}
                    onChange={(event) => set(p.group, { ask_first: event.currentTarget.checked })}
                    withThumbIndicator={false}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {save.isError && (
        <div style={{ marginTop: 16 }}>
          <Failure title="The permissions were not saved" error={save.error} />
        </div>
      )}
      <div className={classes.save} data-dirty={changed > 0 || undefined}>
        <Button size="sm" onClick={onSave} loading={save.isPending} disabled={changed === 0}>
          Save permissions
        </Button>
        {changed > 0 && (
          <>
            <Button
              size="sm"
              variant="subtle"
              color="gray"
              onClick={() => {
                setEdited(null);
                save.reset();
              }}
            >
              Discard changes
            </Button>
            <Text size="sm" c="dimmed" role="status">
              {changed === 1 ? 'One group is changed and not saved' : `${changed} groups are changed and not saved`}
            </Text>
          </>
        )}
      </div>
      <UnsavedGuard active={changed > 0} what="Your changes to the permissions are not saved." />
    </>
  );
}
