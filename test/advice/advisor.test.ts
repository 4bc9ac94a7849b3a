import { describe, expect, it } from 'vitest'
import { advise } from '#src/operations/admin/figures/advice.ts'
import { judge } from './judge.ts'
import { TUNED, traffic } from './market.ts'
import { PLANTS } from './plants.ts'
import { run } from './run.ts'
import type { SetUp } from './set-up.ts'

const tuned: SetUp = { sdl: TUNED, overrides: {}, memoryBytes: 2 ** 26, isShared: true }
const happenings = traffic(1, 120)
const onceSeen = { seen: happenings, measured: happenings }

describe('The advisor', () => {
  it.each(PLANTS)('finds $mistake: its remedy brings what it promises, and leads to the hit rate of the tuned schema.', async (plant) => {
    const { problem, steps } = await judge(plant, tuned, onceSeen)
    expect(problem).toBeUndefined()
    console.log(plant.mistake, JSON.stringify(steps))
  })

  it.each([1, 2, 3])('recommends nothing for the tuned schema, whatever chance brings (seed %i).', async (seed) => {
    const { recommendations } = await run(tuned, traffic(seed, 120))
    expect(recommendations).toEqual([])
  })
})

describe('The judge of the advisor', () => {
  const [staticTable, wide] = PLANTS
  if (!staticTable || !wide) throw new Error('There are no plants.')

  it.each([staticTable, wide])('notices gains that are twice too large: $mistake.', async (plant) => {
    const doubled: typeof advise = (options) =>
      advise(options).map((one) => ({ ...one, gain: { ...one.gain, points: 2 * (one.gain.points ?? 0) } }))
    expect((await judge(plant, tuned, { ...onceSeen, advisor: doubled })).problem).toMatch(/promised were .* points, measured/)
  })

  it('notices a remedy that changes nothing.', async () => {
    const idle: typeof advise = (options) =>
      advise(options).map((one) => ({ ...one, snippets: one.snippets.map((each) => ({ ...each, text: 'l1: 1, l2: 1' })) }))
    expect((await judge(staticTable, tuned, { ...onceSeen, advisor: idle })).problem).toMatch(/promised were .* points, measured 0\.00/)
  })

  it('notices an advisor that finds nothing, and one that names another field.', async () => {
    expect((await judge(wide, tuned, { ...onceSeen, advisor: () => [] })).problem).toBe('nothing was found')
    const astray: typeof advise = (options) => advise(options).map((one) => ({ ...one, subject: 'Query.items' }))
    expect((await judge(wide, tuned, { ...onceSeen, advisor: astray })).problem).toBe('found was narrower-depends of Query.items')
  })
})
