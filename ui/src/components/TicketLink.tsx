import { Anchor } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';

/** A ticket's number, leading to the ticket in its own system where that is known. */
export function TicketLink({ number, url }: { number: string; url: string | undefined }) {
  if (!url) return <span>{number}</span>;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" fw={600} inherit title="Open the ticket in ServiceNow">
      {number} <IconExternalLink size={13} aria-hidden="true" />
    </Anchor>
  );
}
