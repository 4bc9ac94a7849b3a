import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import unit from './vitest.config.ts'

/** Tests that need programs which npm cannot bring. A program that is missing is a failure that names its Debian package. */
const system = mergeConfig(unit, defineConfig({ test: { testTimeout: 60_000, hookTimeout: 300_000 } }))
system.test = { ...system.test, include: ['test/system/**/*.test.ts'], exclude: configDefaults.exclude }

export default system
