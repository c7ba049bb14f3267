import { eventTypes } from '../../words/event';
import { firstOf } from '../../words/graphemes';
import { outcomes } from '../../words/outcome';
import type { HistoryFilter } from './queries';

/** The filter that an address asks for. What it does not know it ignores. */
export function readFilter(search: string): HistoryFilter {
  const params = new URLSearchParams(search);
  const ticket = firstOf(params.get('ticket')?.trim() ?? '', 64);
  const type = params.get('type') ?? '';
  const outcome = params.get('outcome') ?? '';
  return {
    ...(ticket && { ticket }),
    ...(Object.hasOwn(eventTypes, type) && { type: type as HistoryFilter['type'] }),
    ...(Object.hasOwn(outcomes, outcome) && { outcome: outcome as HistoryFilter['outcome'] }),
  };
}

/** The address that asks for a filter. */
export function filterPath(filter: HistoryFilter): string {
  const params = new URLSearchParams();
  if (filter.ticket) params.set('ticket', filter.ticket);
  if (filter.type) params.set('type', filter.type);
  if (filter.outcome) params.set('outcome', filter.outcome);
  const query = params.toString();
  return query ? `/events?${query}` : '/events';
}
