import {
  Alert,
  Anchor,
  Button,
  Group,
  List,
  Loader,
  PasswordInput,
  Stack,
  Text,
  Textarea,
  TextInput,
  ThemeIcon,
  Title,
} from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconWindowOff } from '@tabler/icons-react';
import { type FormEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { ConnectForm, Integration } from '../../api/client';
import { Copy } from '../../components/Copy';
import { BackfillDays } from './BackfillDays';
import { Checks } from './Checks';
import classes from './ConnectPanel.module.css';
import type { ConnectFlow, ConnectState } from './connectFlow';
import { instanceUrlMistake, parseInstanceUrl } from './instanceUrl';
import { closedAdvice, otherAddress, troubleshooting } from './troubleshooting';

interface Props {
  form: ConnectForm;
  /** The connection to give consent to again; none: a new one. */
  reconnect: Integration | undefined;
  state: ConnectState;
  flow: ConnectFlow;
  onStart: () => void;
  /** Puts the form away; absent where there is nothing else to show. */
  onClose?: () => void;
}

/** The way to consent: what to register, what to enter, whom to be. */
export function ConnectPanel({ form, reconnect, state, flow, onStart, onClose }: Props) {
  const [instanceUrl, setInstanceUrl] = useState(reconnect?.instance_url ?? form.suggested_url ?? '');
  const [clientId, setClientId] = useState(reconnect?.client_id ?? '');
  const [clientSecret, setClientSecret] = useState('');
  const [days, setDays] = useState(String(reconnect?.backfill_days || form.backfill_days));
  const [refused, setRefused] = useState(false);
  const instanceField = useRef<HTMLInputElement>(null);
  const secretField = useRef<HTMLInputElement>(null);
  const alert = useRef<HTMLDivElement>(null);

  const keeps = reconnect?.keeps_secret === true && clientId.trim() === reconnect.client_id;
  const asksDays = !reconnect || reconnect.backfill_days > 0;
  const elsewhere = otherAddress(form.redirect_url, window.location);
  const busy = state.step === 'starting' || state.step === 'waiting' || state.step === 'succeeded';
  const problem = state.step === 'failed' ? state.problem : undefined;
  const refusedByServer = problem?.message.startsWith('instance_url') ?? false;
  const addressProblem = refused ? form.instance_url_rule : refusedByServer ? problem?.message : undefined;

  useEffect(() => {
    const spent =
      (state.step === 'failed' && state.secretSpent) || state.step === 'closed' || state.step === 'succeeded';
    if (spent) setClientSecret('');
    if (state.step === 'failed' && state.problem.message.startsWith('instance_url')) instanceField.current?.focus();
    else if (spent) {
      secretField.current?.focus();
      alert.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [state]);

  // Put where it was asked for: beneath what may fill the screen.
  const opening = useRef(onClose && (reconnect ? secretField : instanceField));
  useEffect(() => {
    opening.current?.current?.focus();
    opening.current?.current?.scrollIntoView({ block: 'center' });
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = parseInstanceUrl(instanceUrl, form.simulated_hosts);
    setRefused(address === null);
    if (address === null) {
      instanceField.current?.focus();
      return;
    }
    // The popup is opened inside this call, before anything is awaited.
    void flow.start({
      instance_url: address,
      client_id: clientId.trim(),
      client_secret: clientSecret.trim(),
      ...(reconnect ? { integration_id: reconnect.id } : {}),
      ...(asksDays ? { backfill_days: Number(days) } : {}),
    });
    onStart();
  };

  const action = reconnect ? 'Reconnect' : 'Connect ServiceNow';
  return (
    <div className={classes.root}>
      <form
        onSubmit={submit}
        className={classes.form}
        aria-label={reconnect ? 'Reconnect ServiceNow' : 'Connect ServiceNow'}
      >
        <Section number={1} title="Register Neo in your instance">
          <Text size="sm" c="dimmed" mb="sm">
            In ServiceNow, open <b>System OAuth → Application Registry</b> and create an{' '}
            <b>OAuth – Authorization code grant</b> integration with this Redirect URL.
          </Text>
          <Textarea
            label="Redirect URL"
            description="It must be registered byte for byte: no trailing slash, nothing added, nothing left out."
            value={form.redirect_url}
            readOnly
            autosize
            minRows={1}
            spellCheck={false}
            classNames={{ input: classes.address }}
            onFocus={(event) => event.currentTarget.select()}
            rightSection={<Copy value={form.redirect_url} label="Copy to clipboard" compact />}
          />
        </Section>

        <Section number={2} title="Enter what ServiceNow gave you">
          <Stack gap="sm">
            <TextInput
              ref={instanceField}
              label="Instance URL"
              description={
                form.suggested_url && instanceUrl === form.suggested_url
                  ? 'Filled in with the simulated instance of this installation.'
                  : 'The instance’s own address, for example https://acme.service-now.com: https, no path, no slash at the end'
              }
              placeholder="https://acme.service-now.com"
              type="text"
              inputMode="url"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              required
              withAsterisk={false}
              value={instanceUrl}
              onChange={(event) => {
                setInstanceUrl(event.currentTarget.value);
                setRefused(false);
              }}
              disabled={busy}
              error={addressProblem}
            />
            {addressProblem && <Hints message={addressProblem} first={instanceUrlMistake(instanceUrl)} />}
            <TextInput
              label="Client ID"
              description="From the OAuth Application Registry entry. Copy it; do not type it."
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              required
              withAsterisk={false}
              value={clientId}
              onChange={(event) => setClientId(event.currentTarget.value)}
              disabled={busy}
            />
            <PasswordInput
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what was typed' }}
              ref={secretField}
              label="Client Secret"
              description={
                keeps
                  ? 'Leave empty to keep the secret that Neo has.'
                  : 'From the same entry, without spaces or line ends around it. Neo keeps it sealed and never shows it again.'
              }
              autoComplete="new-password"
              required={!keeps}
              withAsterisk={false}
              value={clientSecret}
              onChange={(event) => setClientSecret(event.currentTarget.value)}
              disabled={busy}
            />
            {asksDays && <BackfillDays value={days} preset={form.backfill_days} onChange={setDays} disabled={busy} />}
          </Stack>
        </Section>

        <Section number={3} title="Approve as the Neo service account">
          {busy ? (
            <Waiting state={state} flow={flow} />
          ) : (
            <Stack gap="sm">
              <Text size="sm" c="dimmed">
                A window opens at your instance. Before you click <b>Allow</b>, make sure that the dedicated Neo service
                account is signed in there. If somebody else is, sign out of ServiceNow first: Neo acts as whoever
                allows it.
              </Text>
              {problem && !addressProblem && (
                <Alert
                  ref={alert}
                  color="red"
                  icon={<IconAlertTriangle size={18} />}
                  title="ServiceNow was not connected"
                  role="alert"
                >
                  <Text size="sm" className="break">
                    {problem.message}
                  </Text>
                  {problem.details.map((detail) => (
                    <Text size="sm" key={detail} className="break">
                      {detail}
                    </Text>
                  ))}
                  <FailedChecks state={state} />
                  <Hints message={problem.message} />
                </Alert>
              )}
              {state.step === 'closed' && (
                <Alert
                  ref={alert}
                  color="orange"
                  icon={<IconWindowOff size={18} />}
                  title="The window was closed before consent was complete"
                  role="alert"
                >
                  <List size="sm" spacing={4}>
                    {closedAdvice(form.redirect_url).map((advice) => (
                      <List.Item key={advice} className="break">
                        {advice}
                      </List.Item>
                    ))}
                  </List>
                </Alert>
              )}
              {elsewhere && (
                <Alert
                  color="orange"
                  icon={<IconAlertTriangle size={18} />}
                  title="Neo is open under another address"
                  role="alert"
                >
                  <Text size="sm" className="break">
                    ServiceNow sends you back to <b>{elsewhere.right}</b>, and this page is open at {elsewhere.here}.
                    Consent that begins here cannot end there. Open{' '}
                    <Anchor href={`${elsewhere.right}${window.location.pathname}`}>{elsewhere.right}</Anchor>, sign in
                    there, and connect from that page. If this page’s address is the right one, set NEO_PUBLIC_URL to it
                    and start Neo again.
                  </Text>
                </Alert>
              )}
              <Group gap="xs">
                <Button type="submit" disabled={elsewhere?.blocks}>
                  {action}
                </Button>
                {onClose && (
                  <Button variant="subtle" color="gray" onClick={onClose}>
                    Cancel
                  </Button>
                )}
              </Group>
            </Stack>
          )}
        </Section>
      </form>
      <aside className={classes.aside} aria-label="Good to know">
        <Title order={3}>What you need</Title>
        <ul>
          <li>An administrator of the instance, to create the registry entry. Keep the entry Active.</li>
          <li>
            A dedicated account for Neo with the role <b>itil</b>. With the role <b>admin</b> while you connect it
            plants the webhook itself; without, an administrator plants it from a file that you get.
          </li>
          <li>An instance that can reach this server over the network, to report changes.</li>
        </ul>
        <Title order={3}>What happens after Allow</Title>
        <ul>
          <li>Neo reads who allowed it: that account is its identity from then on.</li>
          <li>
            It plants the Business Rule <b>Neo Agent — Task Webhook</b> and the System Property{' '}
            <b className="break">x_neoagent.callback_url</b>, and keeps both up to date.
          </li>
          <li>From then on every change of a ticket shows in the Event History.</li>
        </ul>
      </aside>
    </div>
  );
}

function Section({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.number} aria-hidden="true">
        {number}
      </div>
      <Title order={2}>{title}</Title>
      <div className={classes.content}>{children}</div>
    </section>
  );
}

/** What was verified before it failed, where that is not well: the server's remedies say what to do. */
function FailedChecks({ state }: { state: ConnectState }) {
  const checks =
    state.step === 'failed' ? state.checks.filter((c) => c.state === 'failed' || c.state === 'warning') : [];
  if (checks.length === 0) return null;
  return (
    <div className={classes.failedChecks}>
      <Checks checks={checks} />
    </div>
  );
}

function Hints({ message, first = '' }: { message: string; first?: string }) {
  const hints = [first, ...troubleshooting(message)].filter(Boolean);
  if (hints.length === 0) return null;
  return (
    <List size="sm" spacing={4} mt={6}>
      {hints.map((hint) => (
        <List.Item key={hint}>{hint}</List.Item>
      ))}
    </List>
  );
}

/** What is happening while consent is given elsewhere. */
function Waiting({ state, flow }: { state: ConnectState; flow: ConnectFlow }) {
  const waiting = state.step === 'waiting' ? state : undefined;
  const at = state.step === 'succeeded' ? 3 : state.step === 'starting' ? 0 : waiting?.finishing ? 2 : 1;
  const steps = [
    'Asking your instance for its consent page',
    'Waiting for you to sign in as the Neo service account and click Allow',
    'Checking access and planting the webhook',
  ];
  const open = (event: MouseEvent) => {
    if (flow.reopen()) event.preventDefault(); // otherwise the link itself opens it
  };
  return (
    <div className={classes.waiting} role="status" aria-live="polite" aria-atomic="false">
      <ol className={classes.steps}>
        {steps.map((text, i) => (
          <li key={text} className={classes.step} data-now={i === at || undefined} data-done={i < at || undefined}>
            {i < at ? (
              <ThemeIcon size={20} radius="xl" variant="light" color="green">
                <IconCheck size={12} stroke={2.6} />
              </ThemeIcon>
            ) : i === at ? (
              <Loader size={20} />
            ) : (
              <span className={classes.dot} />
            )}
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {waiting && waiting.checks.length > 0 && (
        <div className={classes.checklist}>
          <Checks checks={waiting.checks} label="What Neo verifies" />
        </div>
      )}
      {waiting?.blocked && (
        <Alert color="orange" icon={<IconWindowOff size={18} />} title="Your browser blocked the window" mt="md">
          <Text size="sm">
            <Anchor href={waiting.authorizeUrl} target="_blank" rel="opener" onClick={open} fw={600}>
              Open ServiceNow’s consent page
            </Anchor>{' '}
            yourself, and allow popups for this address to save that click next time.
          </Text>
        </Alert>
      )}
      <Group mt="md" gap="sm">
        <Button variant="default" size="sm" onClick={() => flow.cancel()}>
          Cancel
        </Button>
        {waiting && !waiting.blocked && !waiting.finishing && (
          <Text size="sm" c="dimmed">
            No window?{' '}
            <Anchor href={waiting.authorizeUrl} target="_blank" rel="opener" onClick={open}>
              Open it again
            </Anchor>
          </Text>
        )}
      </Group>
    </div>
  );
}
