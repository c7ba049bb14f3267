import { useLiveStatus } from '../../app/LiveProvider';
import type { LiveStatus } from '../../app/live';
import classes from './EventHistory.module.css';

const words: Record<LiveStatus, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
};

/** Whether the page shows changes as they happen. */
export function LiveDot() {
  const status = useLiveStatus();
  return (
    <span className={classes.live} data-status={status} role="status">
      <span className={classes.dot} aria-hidden="true" />
      {words[status]}
    </span>
  );
}
