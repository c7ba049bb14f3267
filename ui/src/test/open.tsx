import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { Router } from 'wouter';
import { createQueryClient } from '../api/queries';
import { App } from '../app/App';
import { aroundNav } from '../app/leave';
import { theme } from '../app/theme';

/** Opens the whole dashboard at an address. */
export function open(path: string) {
  window.history.replaceState(null, '', path);
  return show(<App />);
}

/** Shows a part of the dashboard alone. */
export function show(part: ReactNode) {
  const user = userEvent.setup();
  const client = createQueryClient();
  const around = (children: ReactNode) => (
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} env="test">
        <Notifications />
        <Router aroundNav={aroundNav}>{children}</Router>
      </MantineProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(around(part));
  return { user, client, rerender: (next: ReactNode) => rerender(around(next)) };
}
