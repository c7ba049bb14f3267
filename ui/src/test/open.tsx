import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Router } from 'wouter';
import { createQueryClient } from '../api/queries';
import { App } from '../app/App';
import { aroundNav } from '../app/leave';
import { theme } from '../app/theme';

/** Opens the whole dashboard at an address. */
export function open(path: string) {
  window.history.replaceState(null, '', path);
  const user = userEvent.setup();
  const client = createQueryClient();
  render(
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} env="test">
        <Notifications />
        <Router aroundNav={aroundNav}>
          <App />
        </Router>
      </MantineProvider>
    </QueryClientProvider>,
  );
  return { user, client };
}
