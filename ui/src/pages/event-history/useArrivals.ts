import { useEffect, useRef, useState } from 'react';
import type { HistoryEntry } from '../../api/client';

/** Further down than this, somebody is reading: nothing may move. */
const READING = 160;

export interface Arrivals {
  /** What to show now. */
  shown: HistoryEntry[];
  /** How many newer entries wait above. */
  waiting: number;
  /** Whether an entry came after the list was first shown. */
  isNew: (entry: HistoryEntry) => boolean;
  /** Shows what waits. */
  show: () => void;
}

/**
 * Lets new entries in at the top of the list, except while somebody reads further down: then they wait, and are only
 * counted. Ids sort by time.
 */
export function useArrivals(entries: HistoryEntry[]): Arrivals {
  const newest = entries[0]?.id ?? '';
  const first = useRef<string | null>(null);
  if (first.current === null && newest) first.current = newest;

  const [reading, setReading] = useState(false);
  const [heldAt, setHeldAt] = useState('');
  const latest = useRef(newest);
  latest.current = newest;
  useEffect(() => {
    const onScroll = () => {
      const now = window.scrollY > READING;
      setReading((was) => {
        if (now && !was) setHeldAt(latest.current);
        return now;
      });
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);

  const held = reading && heldAt !== '';
  const shown = held ? entries.filter((e) => e.id <= heldAt) : entries;
  const base = first.current ?? '';
  return {
    shown,
    waiting: entries.length - shown.length,
    isNew: (entry) => base !== '' && entry.id > base,
    show: () => {
      setHeldAt('');
      window.scrollTo({ top: 0 });
    },
  };
}
