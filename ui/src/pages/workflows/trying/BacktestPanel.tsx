import type { Definition } from '../../../api/client';
import { Summary } from '../Summary';

export function BacktestPanel({ definition }: { definition: Definition }) {
  return <Summary definition={definition} />;
}
