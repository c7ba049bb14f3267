import { useLayoutEffect } from 'react';
import type { AroundNavHandler } from 'wouter';

/** What stands in the way of leaving a page with unsaved work; it calls `proceed` when the person agrees. */
type Guard = (proceed: () => void) => void;

let guard: Guard | null = null;

/** Marks the entry of the browser's history that stands in for the guarded page: going back ends there first. */
const doorstep = { neoGuard: true };
const atDoorstep = () => (window.history.state as { neoGuard?: boolean } | null)?.neoGuard === true;

/** Every navigation of the dashboard goes through here. */
export const aroundNav: AroundNavHandler = (navigate, to, options) => {
  const go = () => navigate(to, atDoorstep() ? { ...options, replace: true } : options);
  if (guard) guard(go);
  else go();
};

/**
 * While `active`, asks `onLeave` before the page is left by a link or by the back button, and makes the browser ask
 * before it closes or reloads.
 */
export function useLeaveGuard(active: boolean, onLeave: Guard): void {
  // A layout effect: it ends before the next page's redirects run, as when a session has ended.
  useLayoutEffect(() => {
    if (!active) return;
    guard = onLeave;
    if (!atDoorstep()) window.history.pushState(doorstep, '');
    const onBack = () => {
      if (guard !== onLeave || atDoorstep()) return;
      window.history.pushState(doorstep, '');
      onLeave(() => window.history.go(-2));
    };
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('popstate', onBack);
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => {
      if (guard === onLeave) guard = null;
      window.removeEventListener('popstate', onBack);
      window.removeEventListener('beforeunload', onBeforeUnload);
      const { href } = window.location;
      setTimeout(() => {
        // Saved, and still here: one click on back leads away again.
        if (!guard && atDoorstep() && window.location.href === href) window.history.back();
      });
    };
  }, [active, onLeave]);
}

/** Lets the next navigation pass: the work was saved or given up. */
export function dropLeaveGuard(): void {
  guard = null;
}
