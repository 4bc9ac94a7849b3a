import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import { dailySeed } from './test/daily-seed.ts'
import { ClosingReporter } from './test/servers/closing-reporter.ts'
import { compileCache } from './test/servers/compile-cache.ts'

/** As Node resolves it: Vite would take the package's ES module build, and the libraries beside us its CommonJS one. */
export const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] }

export const each = {
  pool: 'forks',
  sequence: { shuffle: true, seed: dailySeed },
  testTimeout: 30_000,
  hookTimeout: 60_000,
} as const

// The processes of the tests inherit it.
Object.assign(process.env, compileCache)

export const all = {
  globalSetup: 'test/servers/global-setup.ts',
  // The reporters print in this order: the failed tests come last but one, the tests that were not run last.
  reporters: ['default', new ClosingReporter()],
  maxWorkers: 2,
  sequence: each.sequence,
}

/**
 * Test files that replace a module, which would stay replaced in the files that run after them in the same process, or that measure the memory
 * of their process.
 */
const alone = globSync('test/**/*.test.ts', { cwd: import.meta.dirname }).filter((file) =>
  /vi\.mock\(|heapUsed|memoryUsage/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
)

/** The other files share two processes. That saves a third of the time, because the modules are loaded twice and not 250 times. */
const sharing = {
  include: ['test/**/*.test.ts'],
  // Those need programs that npm cannot bring, or much time: npm run test:system, npm run test:thorough.
  exclude: [...configDefaults.exclude, 'test/{system,long}/**', ...alone],
  isolate: false,
}

export default defineConfig({
  resolve,
  test: {
    ...all,
    projects: [
      { resolve, test: { ...each, ...sharing, name: 'shared processes' } },
      { resolve, test: { ...each, include: alone, name: 'own process' } },
    ],
  },
})
