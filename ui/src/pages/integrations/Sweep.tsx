import { Text } from '@mantine/core';
import type { Health } from '../../api/client';
import { When } from '../../components/When';
import { absolute } from '../../words/time';
import { Block } from './Block';
import { Fact } from './Fact';
import classes from './Health.module.css';

/** A time that has come is not "ago": it is about to happen. */
function Next({ at }: { at: string | null }) {
  if (!at) return 'not planned';
  return new Date(at).getTime() <= Date.now() ? 'now' : <When at={at} />;
}

/** How far Neo has looked for what was not delivered. */
export function Sweep({ sweep }: { sweep: Health['sweep'] }) {
  return (
    <Block title="Check for missed changes">
      <dl className={classes.facts}>
        <Fact label="Last">{sweep.at ? <When at={sweep.at} /> : 'the first is about to begin'}</Fact>
        <Fact label="Next">
          <Next at={sweep.next_at} />
        </Fact>
        <Fact label="Complete up to">{sweep.watermark ? absolute(sweep.watermark) : 'not known yet'}</Fact>
        <Fact label="Found ever">{sweep.found}</Fact>
      </dl>
      {sweep.error && (
        <Text size="sm" c="var(--mantine-color-error)" className="break">
          The last one did not end well: {sweep.error}
        </Text>
      )}
    </Block>
  );
}
