import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, data, type Run, type ScheduledWork } from '../../api/client';
import { isFinal } from '../../words/outcome';
import { list } from '../../words/ticket';

/** How often, and for how long, runs are looked at before they are left to the Event History. */
const EVERY = 700;
const LOOKS = 40;
/** More runs than these are not followed one by one. */
const MOST = 20;

interface Told {
  color: string;
  title: string;
  message: string;
  href: string;
}

/** What became of runs that a person started: never a success before it is one. */
export function toldOf(name: string, runs: Run[]): Told {
  const one = runs.length === 1 ? runs[0] : undefined;
  const href = one ? `/runs/${one.id}` : '/events?type=WORKFLOW_EXECUTION';
  const failed = runs.filter((r) => r.outcome === 'FAILURE');
  if (failed.length > 0) {
    const first = failed[0];
    return {
      color: 'red',
      title: one
        ? `“${name}” failed on ${first?.number}`
        : `“${name}” failed on ${failed.length} of ${runs.length} tickets`,
      message: one ? (first?.message ?? '') : `${first?.number}: ${first?.message ?? ''}`,
      href: one ? href : '/events?outcome=FAILURE',
    };
  }
  const open = runs.filter((r) => !isFinal(r.outcome));
  const on = list(runs.map((r) => r.number));
  if (open.length > 0) {
    const waits = open.every((r) => r.outcome === 'WAITING');
    return {
      color: 'blue',
      title: waits ? `“${name}” waits` : `“${name}” started`,
      message: (waits && open[0]?.message) || `On ${on}. It is not known yet what comes of it.`,
      href,
    };
  }
  const only = one ?? runs[0];
  if (runs.every((r) => r.outcome === 'SUCCESS' && r.shadow)) {
    return {
      color: 'blue',
      title: 'Shadow: nothing was written',
      message: `“${name}” recorded what it would do on ${on}.`,
      href,
    };
  }
  if (runs.every((r) => r.outcome === 'SUCCESS')) {
    return { color: 'green', title: `“${name}” succeeded on ${on}`, message: one ? one.message : '', href };
  }
  const counted = ['SUCCESS', 'SKIPPED', 'CANCELLED'].flatMap((o) => {
    const n = runs.filter((r) => r.outcome === o).length;
    return n ? [`${n} ${{ SUCCESS: 'succeeded', SKIPPED: 'skipped', CANCELLED: 'cancelled' }[o]}`] : [];
  });
  return {
    color: 'gray',
    title: one ? `“${name}” did nothing on ${only?.number}` : `“${name}”: ${list(counted)}`,
    message: one ? (only?.message ?? '') : `On ${on}.`,
    href,
  };
}

/** Tells that runs have started, and then, in the same place, what became of them. */
export async function followRuns(name: string, work: ScheduledWork[]): Promise<void> {
  const ids = work.flatMap((w) => (w.run_id ? [w.run_id] : []));
  const id = `run-${ids[0] ?? work[0]?.id}`;
  const tell = (told: Told, done: boolean) =>
    (done ? notifications.update : notifications.show)({
      id,
      color: told.color,
      title: told.title,
      message: <ToRun told={told} label={ids.length === 1 ? 'Open the run' : 'Show the runs'} />,
      autoClose: !done ? false : told.color === 'red' ? 20_000 : 8_000,
    });
  const on = list(work.map((w) => w.number));
  const href = ids.length === 1 ? `/runs/${ids[0]}` : '/events?type=WORKFLOW_EXECUTION';
  tell({ color: 'blue', title: `“${name}” started`, message: `On ${on}.`, href }, false);
  if (ids.length === 0 || ids.length > MOST) {
    tell(
      {
        color: 'blue',
        title: `“${name}” started`,
        message: `On ${work.length} tickets. The Event History shows what comes of it.`,
        href,
      },
      true,
    );
    return;
  }
  let runs: Run[] = [];
  for (let look = 0; look < LOOKS; look++) {
    try {
      runs = await Promise.all(ids.map((run) => data(api.GET('/api/v1/runs/{id}', { params: { path: { id: run } } }))));
    } catch {
      break; // what became of them is not known; the link leads there
    }
    if (runs.every((r) => isFinal(r.outcome) || r.outcome === 'WAITING')) break;
    await new Promise((later) => setTimeout(later, EVERY));
  }
  if (runs.length > 0) tell(toldOf(name, runs), true);
}

function ToRun({ told, label }: { told: Told; label: string }): ReactNode {
  return (
    <>
      {told.message && <span className="break">{told.message} </span>}
      <Anchor component={Link} href={told.href} size="sm">
        {label}
      </Anchor>
    </>
  );
}
