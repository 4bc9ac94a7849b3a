import { configDefaults, defineConfig } from 'vitest/config'
import { dailySeed } from './test/daily-seed.ts'
import { ClosingReporter } from './test/servers/closing-reporter.ts'

export default defineConfig({
  // As Node resolves it: Vite would take the package's ES module build, and the libraries beside us its CommonJS one.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Those need programs that npm cannot bring: npm run test:system.
    exclude: [...configDefaults.exclude, 'test/system/**'],
    globalSetup: 'test/servers/global-setup.ts',
    // The reporters print in this order: the failed tests come last but one, the tests that were not run last.
    reporters: ['default', new ClosingReporter()],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { shuffle: true, seed: dailySeed },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
