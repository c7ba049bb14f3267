import { useLayoutEffect } from 'react';
import type { AroundNavHandler } from 'wouter';

/** What stands in the way of leaving a page with unsaved work; it calls `proceed` when the person agrees. */
type Guard = (proceed: () => void) => void;

let guard: Guard | null = null;

/** Every navigation of the dashboard goes through here. */
export const aroundNav: AroundNavHandler = (navigate, to, options) => {
  if (guard) guard(() => navigate(to, options));
  else navigate(to, options);
};

/** While `active`, asks `onLeave` before the page is left, and makes the browser ask before it closes or reloads. */
export function useLeaveGuard(active: boolean, onLeave: Guard): void {
  // A layout effect: it ends before the next page's redirects run, as when a session has ended.
  useLayoutEffect(() => {
    if (!active) return;
    guard = onLeave;
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => {
      if (guard === onLeave) guard = null;
      window.removeEventListener('beforeunload', onBeforeUnload);
    };
  }, [active, onLeave]);
}

/** Lets the next navigation pass: the work was saved or given up. */
export function dropLeaveGuard(): void {
  guard = null;
}
