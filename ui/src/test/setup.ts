import '@testing-library/jest-dom/vitest';
import { cleanNotifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { FakeEventSource } from './FakeEventSource';

configure({ asyncUtilTimeout: 30_000 }); // on a machine that is busy with other suites

// What jsdom lacks and Mantine asks for.
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
vi.stubGlobal('EventSource', FakeEventSource);
// As in Chromium 156, where it answers with a promise: an effect must not hand that to React.
window.scrollTo = (() => Promise.resolve()) as unknown as typeof window.scrollTo;
Element.prototype.scrollIntoView = () => {};
Object.defineProperty(document, 'fonts', {
  value: { addEventListener: () => {}, removeEventListener: () => {} },
});

/** A wide screen, light, with motion; a test may say otherwise. */
export const media = { matches: (_query: string) => false };
window.matchMedia = (query: string) =>
  ({
    matches: media.matches(query),
    media: query,
    onchange: null,
    addListener: () => {},
    removeListener: () => {},
    addEventListener: () => {},
    removeEventListener: () => {},
    dispatchEvent: () => false,
  }) as MediaQueryList;

afterEach(() => {
  cleanNotifications();
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
  FakeEventSource.all.length = 0;
  media.matches = () => false;
});
