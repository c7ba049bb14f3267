import { useLiveStatus } from '../../app/LiveProvider';
import type { LiveStatus } from '../../app/live';
import classes from './EventHistory.module.css';

const words: Record<LiveStatus, string> = {
  connecting: 'Connecting to Neo…',
  live: 'Updates by itself',
  reconnecting: 'Reconnecting to Neo…',
};

/** Whether this page is told of changes by Neo. How the ticket system does is said elsewhere. */
export function LiveDot() {
  const status = useLiveStatus();
  return (
    <span className={classes.live} data-status={status} role="status">
      <span className={classes.dot} aria-hidden="true" />
      {words[status]}
    </span>
  );
}
