import { createContext, type ReactNode, useContext, useState } from 'react';
import type { Mistake } from '../../api/client';
import type { Entry, Kind } from './catalogue';

/** A result of an earlier step that later ones can use. */
export interface StepOutput {
  /** As a template writes it, e.g. "steps.ask.decision". */
  name: string;
  label: string;
  kind?: Kind;
}

interface Editing {
  /** Fields that rules and actions can name. */
  fields: Map<string, Entry>;
  fieldsPending: boolean;
  /** Why the fields of the instance are not known; null while all is well. */
  fieldsError: unknown;
  /** Fields whose changes start the workflow: templates can name both ends. */
  changed: string[];
  /** Classes that the workflow's rules leave; choices are offered for these. None: all. */
  classes: string[];
  mistakes: Mistake[];
  /** After an attempt to save: also what has only just been added is shown as wrong. */
  strict: boolean;
}

const EditingContext = createContext<Editing>({
  fields: new Map(),
  fieldsPending: false,
  fieldsError: null,
  changed: [],
  classes: [],
  mistakes: [],
  strict: false,
});
export const EditingProvider = EditingContext.Provider;
export const useEditing = () => useContext(EditingContext);

const StepsContext = createContext<StepOutput[]>([]);
export const EarlierSteps = StepsContext.Provider;
export const useEarlierSteps = () => useContext(StepsContext);

const fresh = new Set<string>();

/** Remembers that a member was added just now: nobody has had the time to fill it in. */
export function markFresh<T extends { id: string }>(member: T): T {
  fresh.add(member.id);
  return member;
}

let pressed = false;
window.addEventListener('pointerdown', () => (pressed = true), true);
for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, () => (pressed = false), true);

/** Does what changes the page once no button is held: it could move away what is about to be clicked. */
function onceReleased(then: () => void): void {
  if (!pressed) {
    then();
    return;
  }
  const released = new AbortController();
  const end = () => {
    released.abort();
    setTimeout(then); // after the click
  };
  for (const type of ['pointerup', 'pointercancel']) window.addEventListener(type, end, { signal: released.signal });
}

const FreshContext = createContext(false);

/** Keeps quiet about what is missing in a member that was just added, until its form is left. */
export function Fresh({ id, children, ...rest }: { id: string; children: ReactNode; className?: string }) {
  const [isFresh, setFresh] = useState(() => fresh.has(id));
  const outer = useContext(FreshContext);
  const onBlur = (event: React.FocusEvent) => {
    if (!isFresh || !event.relatedTarget || event.currentTarget.contains(event.relatedTarget)) return;
    onceReleased(() => {
      fresh.delete(id);
      setFresh(false);
    });
  };
  return (
    <FreshContext value={isFresh || outer}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only hears when the focus leaves its controls */}
      <div onBlur={onBlur} {...rest}>
        {children}
      </div>
    </FreshContext>
  );
}

/** Whether path is at or inside of place. */
export function within(path: string, place: string): boolean {
  return path === place || (path.startsWith(place) && /^[.[]/.test(path.slice(place.length)));
}

/**
 * What is wrong at a place of the definition or inside of it, except where others tell it: at ".name", or in any member
 * of a list, "[" or ".rules[".
 */
export function messagesAt(mistakes: Mistake[], place: string, except: string[] = []): string[] {
  return mistakes
    .filter((m) => within(m.path, place))
    .filter((m) => except.every((e) => (e.endsWith('[') ? !m.path.startsWith(place + e) : !within(m.path, place + e))))
    .map((m) => m.message);
}

/** The same, for the control that stands for the place; undefined when all is well. */
export function useProblem(place: string, except?: string[]): string | undefined {
  const { mistakes, strict } = useEditing();
  const quiet = useContext(FreshContext);
  if (quiet && !strict) return undefined;
  return messagesAt(mistakes, place, except).join(' ') || undefined;
}

/** The id of the element that stands for a place. */
export const placeId = (path: string) => `at-${path.replaceAll(/[.[]/g, '-').replaceAll(']', '')}`;

/** Brings the control of a place into view and focuses it; of its surroundings, when it has none of its own. */
export function goTo(path: string): void {
  for (let at = path; at; at = at.replace(/(^|[.[])[^.[]*$/, '')) {
    const place = document.getElementById(placeId(at));
    if (!place) continue;
    const control = place.matches('input, textarea, button')
      ? place
      : place.querySelector<HTMLElement>('input:not([type=hidden]), textarea, button');
    place.scrollIntoView({ block: 'center' });
    (control as HTMLElement | null)?.focus({ preventScroll: true });
    return;
  }
}
