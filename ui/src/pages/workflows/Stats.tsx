import type { Workflow } from '../../api/client';
import { When } from '../../components/When';
import { percent, successRate } from '../../words/outcome';
import classes from './Stats.module.css';

/** How a workflow has done so far. */
export function Stats({ workflow }: { workflow: Workflow }) {
  const rate = successRate(workflow);
  const shadowOnly = rate === null && workflow.shadow_runs > 0;
  return (
    <dl className={classes.stats}>
      <div>
        <dt>Runs</dt>
        <dd>{workflow.runs.toLocaleString()}</dd>
      </div>
      <div>
        <dt>{shadowOnly ? 'Shadow runs' : 'Success'}</dt>
        <dd data-bad={(rate !== null && rate < 0.9) || undefined}>
          {shadowOnly ? workflow.shadow_runs.toLocaleString() : percent(rate)}
        </dd>
      </div>
      <div>
        <dt>Last run</dt>
        <dd>{workflow.last_run_at ? <When at={workflow.last_run_at} /> : 'never'}</dd>
      </div>
    </dl>
  );
}
