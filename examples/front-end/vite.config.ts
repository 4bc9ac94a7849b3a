import { defineConfig } from 'vite'

/** Address of the gateway. The page sends its requests to its own origin, and Vite passes them on, so no CORS settings are needed. */
const gateway = process.env['TIDEGATE_URL'] ?? 'http://127.0.0.1:4000'

export default defineConfig({
  root: import.meta.dirname,
  server: { proxy: { '/graphql': gateway } },
  preview: { proxy: { '/graphql': gateway } },
})
