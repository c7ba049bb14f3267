import { Text } from '@mantine/core';
import type { Health } from '../../api/client';
import { Copy } from '../../components/Copy';
import { Block } from './Block';
import classes from './Health.module.css';

/** What the network between the instance and Neo has to let through. */
export function Network({ health }: { health: Health }) {
  const addresses = health.outgoing_addresses;
  return (
    <>
      <Block title="Callback address">
        <div className={classes.line}>
          <Text size="sm" className="mono break">
            {health.callback_url}
          </Text>
          <Copy value={health.callback_url} label="Copy callback address" compact />
        </div>
      </Block>
      <Block title="Addresses to allow in ServiceNow">
        {addresses.length > 0 ? (
          <ul className={classes.lines}>
            {addresses.map((address) => (
              <li key={address} className={classes.line}>
                <Text size="sm" className="mono break">
                  {address}
                </Text>
                <Copy value={address} label={`Copy ${address}`} compact />
              </li>
            ))}
          </ul>
        ) : (
          <Text size="sm" c="dimmed">
            Not stated. Whoever runs this Neo states its addresses with NEO_OUTGOING_ADDRESSES; an instance with an IP
            allow-list has to allow them.
          </Text>
        )}
      </Block>
    </>
  );
}
