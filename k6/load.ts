/** Load test: the usual mix of reads and writes at the usual rate. 1,000 virtual users send them. */

import { steadyLoad } from './parts/steady-load.ts'

const test = steadyLoad('load', { rate: 400, duration: '1m', virtualUsers: 1000, writeShare: 0.02, p95Ms: 50 })

export const options = test.options
export const setup = test.setup
export const warm = test.warm
export default test.visit
