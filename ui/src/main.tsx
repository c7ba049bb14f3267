import '@fontsource-variable/inter';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { createQueryClient } from './api/queries';
import { App } from './app/App';
import { applyColorScheme, colorSchemeManager } from './app/colorScheme';
import { aroundNav } from './app/leave';
import { cssVariablesResolver, theme } from './app/theme';

applyColorScheme();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariablesResolver}
          defaultColorScheme="auto"
          colorSchemeManager={colorSchemeManager}
        >
          <Notifications position="bottom-right" />
          <Router aroundNav={aroundNav}>
            <App />
          </Router>
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
