import { Progress, Text } from '@mantine/core';
import type { Health } from '../../api/client';
import { When } from '../../components/When';
import { percent } from '../../words/outcome';
import { Block } from './Block';
import { Fact } from './Fact';
import classes from './Health.module.css';
import { deliveredColor } from './states';

/** How the changes of the last hour came to Neo. */
export function Deliveries({ deliveries }: { deliveries: Health['deliveries'] }) {
  const { share, webhook, sweep, refused } = deliveries;
  return (
    <Block title="Deliveries in the last hour">
      {share === null ? (
        <Text size="sm">No ticket has changed.</Text>
      ) : (
        <div>
          <Progress.Root
            role="meter"
            aria-label="Share of changes that were delivered"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            aria-valuetext={percent(share)}
          >
            <Progress.Section value={share * 100} color={deliveredColor(share)} withAria={false} />
          </Progress.Root>
          <Text size="sm" mt={6}>
            {percent(share)} of {webhook + sweep} {webhook + sweep === 1 ? 'change was' : 'changes were'} delivered
          </Text>
        </div>
      )}
      <dl className={classes.facts}>
        <Fact label="Webhook">{webhook}</Fact>
        <Fact label="Found by looking">{sweep}</Fact>
        <Fact label="Refused">{refused}</Fact>
        <Fact label="Last delivery">{deliveries.last_at ? <When at={deliveries.last_at} /> : 'never'}</Fact>
      </dl>
    </Block>
  );
}
