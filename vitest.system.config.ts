import { defineConfig } from 'vitest/config'
import { all, each, resolve } from './vitest.config.ts'

/**
 * Tests that need programs which npm cannot bring: test/system, and test/long for `npm run test:thorough`. A program that is missing is a
 * failure that names its Debian package. They wait for processes half of the time, so three of them run at once on two cores.
 */
export default defineConfig({
  resolve,
  test: { ...all, ...each, maxWorkers: 3, include: ['test/{system,long}/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 },
})
