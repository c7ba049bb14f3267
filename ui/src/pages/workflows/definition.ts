import type { Definition } from '../../api/client';

/** What a new workflow starts from: small, real, and showing every part once. */
export const template: Definition = {
  name: 'Route network incidents',
  description: 'Sends new network incidents to the Network group and leaves a note about it.',
  trigger_type: 'TRIGGERED',
  target_changes: [{ change_type: 'TICKET_CREATED' }],
  conditions: {
    combinator: 'and',
    rules: [
      { field: 'ticket_type', operator: '=', value: 'incident' },
      { field: 'category', operator: '=', value: 'network' },
    ],
  },
  actions: [
    { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '2' } } },
    { type: 'ASSIGN_TICKET', config: { group: 'Network' } },
    { type: 'ADD_WORK_NOTE', config: { text: 'Neo assigned this incident to the Network group.' } },
  ],
};

export function pretty(definition: Definition): string {
  return JSON.stringify(definition, null, 2);
}

export type Parsed = { definition: Definition; error?: undefined } | { definition?: undefined; error: string };

/** Reads what was typed. What the definition means is judged by the server alone. */
export function parse(text: string): Parsed {
  if (!text.trim()) return { error: 'There is nothing here yet. Paste a workflow’s JSON.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: `This is not valid JSON: ${where(text, error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { error: 'A workflow is one JSON object: it begins with { and ends with }.' };
  }
  return { definition: value as Definition };
}

/** Browsers say where JSON is wrong in several ways; people look for a line. */
function where(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message);
  const reason = message.replace(/ in JSON at position.*/, '').replace(/^JSON\.parse: /, '');
  if (!position) return message;
  const before = text.slice(0, Number(position[1])).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}.`;
}

/** Whether a definition is complete enough to be put into words without guessing. */
export function readable(definition: Definition): boolean {
  const lists = [definition.target_changes, definition.actions];
  return lists.every((list) => Array.isArray(list) && list.every((x) => typeof x === 'object' && x !== null));
}
