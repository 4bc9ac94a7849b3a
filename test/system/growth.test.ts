import { afterEach, describe, expect, inject, it } from 'vitest'
import { runGrowth } from '../growth/run-growth.ts'
import { makeRelease, type Patch, type Release } from './release.ts'

const METER = 'src/operations/telemetry/usage-meter.ts'

/** A patch for a meter that has a row for every operation. */
const EVERY_OPERATION: Patch = { file: METER, from: 'const MAX_OPERATIONS = 200', to: 'const MAX_OPERATIONS = Number.POSITIVE_INFINITY' }
/** Patches for a meter that keeps a histogram of 512 buckets for every answer. */
const EVERY_ANSWER: readonly Patch[] = [
  { file: METER, from: 'export class UsageMeter {', to: 'export class UsageMeter {\n  readonly #durations = new Map()' },
  {
    file: METER,
    from: 'const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer',
    to: 'const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer\n    this.#durations.set(this.#durations.size, Array.from({ length: 512 }, () => 0.5))',
  },
]
/** Whether the slower runs are included: `npm run test:thorough -- figures`. */
const all = process.env['GROWTH_ALL'] === '1'

let release: Release | undefined

afterEach(() => release?.remove())

async function run(patches: readonly Patch[], minutes: number) {
  release = await makeRelease('growth', patches)
  return runGrowth({ server: inject('postgresUrl'), minutes, release: release.folder })
}

describe('a run with new operations, keys, tenants and users', () => {
  it('fails because of the series if the meter has a row for every operation', async () => {
    const { problems } = await run([EVERY_OPERATION], 0.25)
    expect(problems.join('\n')).toMatch(/^tidegate_requests_total operation has \d+ values, more than 201$/m)
  }, 120_000)

  if (all)
    it('fails because of the heap if the meter keeps a histogram of every answer that no scrape shows', async () => {
      // Compiled code and caches that fill make every heap grow in the first minute, so an unchanged gateway is the measure.
      const { growth: usual } = await run([], 1)
      await release?.remove()
      const { problems, growth } = await run(EVERY_ANSWER, 1)
      expect(problems).toEqual([expect.stringMatching(/^the heap grew by/)])
      expect(growth).toBeGreaterThan(usual + 0.1)
    }, 300_000)
})
