import { Badge } from '@mantine/core';
import type { HistoryEntry } from '../../api/client';
import { sourceMark, sourceWords } from '../../words/event';

/** How Neo learned of a change, where that was not by a delivery. */
export function SourceMark({ source }: { source: HistoryEntry['source'] }) {
  const mark = source && sourceMark(source);
  if (!mark) return null;
  return (
    <Badge color="gray" size="sm" title={sourceWords(source)} data-source={source}>
      {mark}
    </Badge>
  );
}
