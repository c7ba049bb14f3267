/**
 * Unsaved work, kept in the tab: it survives a reload, a dead server, the end of the session, and leaving the editor.
 * Only saving and discarding end it.
 */
export interface Kept {
  /** The version that was edited; 0 for a new workflow. */
  version: number;
  /** The definition as JSON, as far as it was typed. */
  text: string;
  /** It was being edited as JSON. */
  json: boolean;
}

const ofNew = 'neo-draft-new';
const ofCopy = 'neo-draft-copy-';

/** The key of the draft of a saved workflow. */
export const draftOf = (id: string) => `neo-draft-${id}`;

/** The key of the draft of a new workflow: an empty one, or one made of a template or of another workflow. */
export const draftOfNew = (from: { template?: string; copy?: string } = {}) =>
  from.copy ? `${ofCopy}${from.copy}` : from.template ? `${ofNew}-${from.template}` : ofNew;

export function readDraft(key: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null;
    return typeof kept?.text === 'string' && typeof kept.version === 'number' ? kept : null;
  } catch {
    return null;
  }
}

export function keepDraft(key: string, kept: Kept): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // The tab's storage is full or closed; the page still holds the work, and asks before it is left.
  }
}

export function dropDraft(key: string): void {
  sessionStorage.removeItem(key);
}

/** The drafts of workflows that are not saved yet, with where each goes on. */
export function newDrafts(): { key: string; name: string; href: string }[] {
  const found = [];
  for (let i = 0; i < sessionStorage.length; i++) {
    const key = sessionStorage.key(i) ?? '';
    const href =
      key === ofNew
        ? '/workflows/new?template=empty'
        : key.startsWith(`${ofNew}-`)
          ? `/workflows/new?template=${encodeURIComponent(key.slice(ofNew.length + 1))}`
          : key.startsWith(ofCopy)
            ? `/workflows/new?copy=${encodeURIComponent(key.slice(ofCopy.length))}`
            : '';
    const kept = href && readDraft(key);
    if (kept) found.push({ key, href, name: nameIn(kept.text) });
  }
  return found.sort((a, b) => a.key.localeCompare(b.key));
}

function nameIn(text: string): string {
  try {
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === 'string' && name.trim() ? name : 'Untitled workflow';
  } catch {
    return 'Untitled workflow';
  }
}
