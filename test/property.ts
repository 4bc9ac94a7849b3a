import fc from 'fast-check'
import { dailySeed } from './daily-seed.ts'

/** fast-check, whose properties draw their values from the seed of the test run. Tests import it from here. */
fc.configureGlobal({ seed: dailySeed })

export default fc
