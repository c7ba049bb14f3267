import { localStorageColorSchemeManager } from '@mantine/core';

export const colorSchemeManager = localStorageColorSchemeManager({ key: 'neo-color-scheme' });

/**
 * Sets the scheme before the first render. Mantine's own ColorSchemeScript is an inline script, which the server's
 * content security policy refuses.
 */
export function applyColorScheme(): void {
  const chosen = colorSchemeManager.get('auto');
  const dark = chosen === 'dark' || (chosen === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
}
