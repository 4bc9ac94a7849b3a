/** Soak test: the usual mix of reads and writes for half an hour. It shows whether memory grows or responses get slower. */

import { steadyLoad } from './parts/steady-load.ts'

const test = steadyLoad('soak', { rate: 200, duration: '30m', virtualUsers: 200, writeShare: 0.05, p95Ms: 50 })

export const options = test.options
export const setup = test.setup
export const warm = test.warm
export default test.visit
