import { Alert, Anchor, Button, Group, NumberInput, Progress, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Backtest, Case, Definition } from '../../../api/client';
import { Failure } from '../../../components/Failure';
import { percent } from '../../../words/outcome';
import { fieldName, list } from '../../../words/ticket';
import { moment } from '../../../words/time';
import { backtestQuery, csvUrl, useCancelBacktest, useStartBacktest } from './queries';
import classes from './Trying.module.css';
import { WouldTable } from './WouldTable';

const MAX_DAYS = 365;

/** A draft against the recorded events of the last days: what it would have done, and what technicians did. */
export function BacktestPanel({ definition }: { definition: Definition }) {
  const start = useStartBacktest();
  const id = start.data?.id ?? '';
  const backtest = useQuery(backtestQuery(id));
  const cancel = useCancelBacktest(id);
  const [days, setDays] = useState<number | string>(30);
  const [asked, setAsked] = useState(false);
  const valid = typeof days === 'number' && days >= 1 && days <= MAX_DAYS;
  const current = id ? backtest.data : undefined;
  const running = start.isPending || current?.state === 'RUNNING';
  const stale = current?.state === 'DONE' && JSON.stringify(start.variables?.definition) !== JSON.stringify(definition);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!valid) return;
    cancel.reset();
    start.mutate({ definition, days });
  };
  return (
    <section className={classes.panel} aria-label="Backtest">
      <div className={classes.stack}>
        <form onSubmit={submit} className={classes.form} noValidate>
          <NumberInput
            label="Days back"
            min={1}
            max={MAX_DAYS}
            allowDecimal={false}
            allowNegative={false}
            value={days}
            onChange={setDays}
            disabled={running}
            error={asked && !valid && `Enter 1 to ${MAX_DAYS} days.`}
          />
          <Button type="submit" disabled={running} mb={asked && !valid ? 24 : 0}>
            {current ? 'Run again' : 'Run backtest'}
          </Button>
        </form>
        <div className={classes.promise}>
          <IconHistory size={16} stroke={1.7} aria-hidden="true" />
          <span>On what Neo has recorded; no ticket is touched.</span>
        </div>
        {start.isError && <Failure title="The backtest was not started" error={start.error} />}
        {backtest.isError && (
          <Failure
            title="How the backtest stands could not be loaded"
            error={backtest.error}
            onRetry={() => void backtest.refetch()}
            retrying={backtest.isFetching}
          />
        )}
        {running && (
          <Running
            backtest={current}
            onCancel={() => cancel.mutate()}
            cancelling={cancel.isPending || cancel.isSuccess}
          />
        )}
        {cancel.isError && <Failure title="The backtest was not cancelled" error={cancel.error} />}
        {current?.state === 'FAILED' && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The backtest failed" role="alert">
            {current.message || 'Run it again; if it stays, look into the server’s log.'}
          </Alert>
        )}
        {current?.state === 'CANCELLED' && <Text c="dimmed">The backtest was cancelled.</Text>}
        {current?.state === 'DONE' && current.result && (
          <>
            {stale && (
              <Alert role="status" color="yellow" icon={<IconAlertTriangle size={18} />}>
                The workflow was changed since this backtest. Run it again to see what it would do now.
              </Alert>
            )}
            <Result backtest={current} result={current.result} />
          </>
        )}
      </div>
    </section>
  );
}

function Running({
  backtest,
  onCancel,
  cancelling,
}: {
  backtest: Backtest | undefined;
  onCancel: () => void;
  cancelling: boolean;
}) {
  const { progress = 0, total = 0 } = backtest ?? {};
  const value = total > 0 ? Math.min(100, (progress / total) * 100) : 0;
  return (
    <div className={`${classes.box} ${classes.verdict}`}>
      <Group justify="space-between" gap="xs" mb={8}>
        <Text size="sm" className="tabular" role="status">
          {total > 0 ? `${count(progress)} of ${count(total)} events` : 'Beginning…'}
        </Text>
        <Button variant="default" size="xs" onClick={onCancel} loading={cancelling} disabled={!backtest}>
          Cancel
        </Button>
      </Group>
      <Progress.Root size="md">
        <Progress.Section value={value} aria-label="Progress of the backtest" />
      </Progress.Root>
    </div>
  );
}

function Result({ backtest, result }: { backtest: Backtest; result: NonNullable<Backtest['result']> }) {
  const { fields, cases } = result;
  if (result.events === 0) {
    return (
      <Alert color="gray" icon={<IconHistory size={18} />} title="It would have done nothing" role="status">
        None of the {count(backtest.total)} events of the last {backtest.days} days would have started it. Widen its
        trigger or conditions, or go back further.
      </Alert>
    );
  }
  return (
    <div className={classes.stack} aria-live="polite">
      <dl className={`${classes.box} ${classes.figures}`}>
        <div>
          <dt>Tickets it would have run on</dt>
          <dd>
            {count(result.tickets)}
            <small>{result.events === 1 ? '1 past change' : `${count(result.events)} past changes`}</small>
          </dd>
        </div>
        <div>
          <dt>Same as technicians</dt>
          <dd>
            {percent(result.compared > 0 ? result.agreed / result.compared : null)}
            <small>
              {count(result.agreed)} of {count(result.compared)}
            </small>
          </dd>
        </div>
        <div>
          <dt>Span</dt>
          <dd>
            {backtest.days}
            <small>{backtest.days === 1 ? 'day' : 'days'}</small>
          </dd>
        </div>
      </dl>
      {fields.length > 0 && (
        <div>
          <Title order={3} mb="xs">
            Agreement by field
          </Title>
          <ul className={classes.fields}>
            {fields.map(({ field, cases: n, agreed }) => {
              const share = n > 0 ? agreed / n : 0;
              return (
                <li key={field} className={classes.field}>
                  <Text size="sm" fw={550} title={field}>
                    {fieldName(field)}
                  </Text>
                  <Progress
                    value={share * 100}
                    color={share >= 0.8 ? 'green' : share >= 0.5 ? 'yellow' : 'orange'}
                    aria-label={`Agreement on ${fieldName(field)}`}
                  />
                  <Text size="sm" c="dimmed">
                    {percent(n > 0 ? share : null)} ({count(agreed)} of {count(n)})
                  </Text>
                </li>
              );
            })}
          </ul>
        </div>
      )}
      <div>
        <Group justify="space-between" gap="xs" mb="xs">
          <Title order={3}>
            {cases.length < result.events ? `The newest ${count(cases.length)} cases` : 'All cases'}
          </Title>
          <Button
            component="a"
            href={csvUrl(backtest.id)}
            download
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} />}
          >
            All as CSV
          </Button>
        </Group>
        <ul className={classes.cases} aria-label="Cases">
          {cases.map((c) => (
            <li key={c.event_id ?? `${c.number} ${c.at}`} className={`${classes.box} ${classes.case}`}>
              <CaseItem item={c} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function CaseItem({ item }: { item: Case }) {
  const { changes, also } = item;
  return (
    <>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="sm" className="break">
          <Anchor component={Link} href={`/events?ticket=${encodeURIComponent(item.number)}`} inherit fw={600}>
            {item.number}
          </Anchor>{' '}
          {item.title}
        </Text>
        <Text size="xs" c="dimmed" className="tabular" style={{ flex: 'none', lineHeight: '20px' }}>
          {moment(item.at)}
        </Text>
      </Group>
      {changes.length > 0 && <WouldTable changes={changes} label={`${item.number}: would be and became`} />}
      {also.length > 0 && (
        <Text size="sm" c="dimmed" mt={6}>
          Also: {list(also.map((a) => a[0]?.toLowerCase() + a.slice(1)))}
        </Text>
      )}
    </>
  );
}

function count(n: number): string {
  return n.toLocaleString();
}
