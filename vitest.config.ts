import { defineConfig } from 'vitest/config'

export default defineConfig({
  // As Node resolves it: Vite would take the package's ES module build, and the libraries beside us its CommonJS one.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/global-setup.ts',
    pool: 'forks',
    maxWorkers: 2,
    sequence: { shuffle: true },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
