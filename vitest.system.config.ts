import { defineConfig } from 'vitest/config'
import { all, each, resolve } from './vitest.config.ts'

/** Tests that need programs which npm cannot bring. A program that is missing is a failure that names its Debian package. */
export default defineConfig({
  resolve,
  test: { ...all, ...each, include: ['test/system/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 },
})
