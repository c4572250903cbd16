import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `vite build src/dashboard` writes dist/dashboard, which the engine serves; `vite src/dashboard` develops against a running engine. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  // src/api/page.ts puts a fresh one there for each page.
  html: { cspNonce: '__WEIR_NONCE__' },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
