import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { endpointsQuery } from '../../settings/queries';
import { placeId, useProblem } from '../editing';
import { TemplateText } from '../Template';
import classes from './actions.module.css';
import { type FormProps, optional, textOf } from './form';

const kinds = { SLACK: 'Slack', TEAMS: 'Teams', HTTPS: 'HTTPS' };

export function SendMessage({ config, set, path }: FormProps) {
  const endpoints = useQuery(endpointsQuery);
  const chosen = textOf(config, 'endpoint');
  const problem = useProblem(`${path}.endpoint`);
  const list = endpoints.data ?? [];
  const endpoint = list.find((e) => e.id === chosen || e.name.toLowerCase() === chosen.toLowerCase());
  const data = list.map((e) => ({
    value: e === endpoint ? chosen : e.name,
    label: `${e.name} · ${kinds[e.kind] ?? e.kind}`,
  }));
  if (chosen && !endpoint) data.push({ value: chosen, label: chosen });
  return (
    <>
      <div className={classes.narrow}>
        <Select
          label="Endpoint"
          data={data}
          value={chosen || null}
          onChange={(v) => set({ endpoint: v ?? '' })}
          allowDeselect={false}
          searchable
          placeholder={endpoints.isPending ? 'Loading …' : 'Choose'}
          nothingFoundMessage={
            endpoints.isError ? 'The endpoints could not be loaded' : 'No endpoint yet: add one in Settings'
          }
          error={problem}
          id={placeId(`${path}.endpoint`)}
        />
      </div>
      <TemplateText
        label="Message"
        path={`${path}.text`}
        value={textOf(config, 'text')}
        onChange={(text) => set({ text })}
      />
      {(endpoint?.kind === 'HTTPS' || Boolean(config.body)) && (
        <>
          <TemplateText
            label="Body (JSON)"
            path={`${path}.body`}
            value={textOf(config, 'body')}
            onChange={(body) => set({ body: optional(body) })}
            mono
            placeholder={'{"ticket": "{{ ticket.number }}"}'}
          />
          <Text size="xs" c="dimmed">
            Without a body, Neo sends the message and the ticket as JSON.
          </Text>
        </>
      )}
    </>
  );
}
