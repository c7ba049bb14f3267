import type { Workflow } from '../../api/client';
import classes from './RunsADay.module.css';

const HEIGHT = 26;
const STEP = 7;

/** The runs of the last days as small columns, failures in red at their feet. */
export function RunsADay({ days }: { days: NonNullable<Workflow['days']> }) {
  const most = Math.max(1, ...days.map((d) => d.runs));
  const total = days.reduce((sum, d) => sum + d.runs, 0);
  const failed = days.reduce((sum, d) => sum + d.failures, 0);
  const words = `${total} ${total === 1 ? 'run' : 'runs'} in ${days.length} days${failed ? `, ${failed} failed` : ''}`;
  const size = (n: number) => (n === 0 ? 0 : Math.max(2, Math.round((n / most) * HEIGHT)));
  return (
    <svg
      className={classes.root}
      width={days.length * STEP - 2}
      height={HEIGHT + 1}
      role="img"
      aria-label={words}
      shapeRendering="crispEdges"
    >
      <title>{words}</title>
      {days.map((d, i) => {
        const all = size(d.runs);
        const bad = Math.min(all, size(d.failures));
        return (
          <g key={d.day} transform={`translate(${i * STEP} 0)`}>
            <rect className={classes.ground} y={HEIGHT} width={STEP - 2} height={1} />
            <rect className={classes.good} y={HEIGHT - all} width={STEP - 2} height={all - bad} />
            <rect className={classes.bad} y={HEIGHT - bad} width={STEP - 2} height={bad} />
          </g>
        );
      })}
    </svg>
  );
}
