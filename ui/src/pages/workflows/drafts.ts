/** Unsaved work, kept in the tab: it survives a reload and the end of the session. */
export interface Kept {
  /** The version that was edited; 0 for a new workflow. */
  version: number;
  /** The definition as JSON, as far as it was typed. */
  text: string;
  /** It was being edited as JSON. */
  json: boolean;
}

export function readDraft(key: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null;
    return typeof kept?.text === 'string' && typeof kept.version === 'number' ? kept : null;
  } catch {
    return null;
  }
}

export function keepDraft(key: string, kept: Kept): void {
  sessionStorage.setItem(key, JSON.stringify(kept));
}

export function dropDraft(key: string): void {
  sessionStorage.removeItem(key);
}
