import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the API.
const server = process.env.NEO_DEV_SERVER ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: { '/api': server, '/oauth': server },
  },
  build: {
    // The server's content security policy has no data: for fonts and scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:8420/' } },
    setupFiles: ['src/test/setup.ts'],
    css: false,
    restoreMocks: true,
    testTimeout: 90_000,
  },
});
