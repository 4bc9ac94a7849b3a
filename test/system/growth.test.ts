import { afterEach, describe, expect, inject, it } from 'vitest'
import { runGrowth } from '../growth/run-growth.ts'
import { makeRelease, type Patch, type Release } from './release.ts'

const METER = 'src/operations/telemetry/usage-meter.ts'

/** A patch for a meter that has a row for every operation. */
const EVERY_OPERATION: Patch = { file: METER, from: 'const MAX_OPERATIONS = 200', to: 'const MAX_OPERATIONS = Number.POSITIVE_INFINITY' }
/** Patches for a meter that keeps a map of all answers, which no scrape shows. */
const EVERY_ANSWER: readonly Patch[] = [
  { file: METER, from: 'export class UsageMeter {', to: 'export class UsageMeter {\n  readonly #answers = new Map()' },
  {
    file: METER,
    from: 'const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer',
    to: 'const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer\n    this.#answers.set(this.#answers.size, { ...answer })',
  },
]
const MINUTES = 0.5

let release: Release | undefined

afterEach(() => release?.remove())

describe('a run with new operations, keys, tenants and users', () => {
  it('fails because of the series if the meter has a row for every operation', async () => {
    release = await makeRelease('every-operation', [EVERY_OPERATION])
    const { problems } = await runGrowth({ server: inject('postgresUrl'), minutes: MINUTES, release: release.folder })
    expect(problems.join('\n')).toMatch(/^tidegate_requests_total operation has \d+ values, more than 201$/m)
  }, 120_000)

  it('fails because of the heap if the meter keeps every answer in a map', async () => {
    release = await makeRelease('every-answer', EVERY_ANSWER)
    const { problems } = await runGrowth({ server: inject('postgresUrl'), minutes: MINUTES, release: release.folder })
    expect(problems).toEqual([expect.stringMatching(/^the heap grew by/)])
  }, 120_000)
})
