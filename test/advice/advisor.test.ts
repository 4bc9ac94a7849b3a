import { beforeAll, describe, expect, it } from 'vitest'
import { advise } from '#src/operations/admin/figures/advice.ts'
import { bestOf, type JudgeOptions, judge } from './judge.ts'
import { TUNED, traffic } from './market.ts'
import { PLANTS } from './plants.ts'
import { run } from './run.ts'
import type { SetUp } from './set-up.ts'

const tuned: SetUp = { sdl: TUNED, overrides: {}, memoryBytes: 2 ** 26, isShared: true }
/** Number of reads of most fields. */
const SIZE = 100
const MANY = 400
const happenings = traffic(1, SIZE)
let onceSeen: JudgeOptions
const [staticTable, wide] = PLANTS
if (!staticTable || !wide) throw new Error('There are no plants.')

beforeAll(async () => {
  onceSeen = { seen: happenings, measured: happenings, best: await bestOf(tuned, happenings) }
})

describe('The advisor', () => {
  it.each(PLANTS)('finds $mistake: its remedy brings what it promises, and leads to the hit rate of the tuned schema.', async (plant) => {
    expect((await judge(plant, tuned, onceSeen)).problem).toBeUndefined()
  })

  // `npm run test:thorough -- advice` plants the mistakes five times. The gain is then measured on other traffic than the advisor has seen.
  if (process.env['ADVICE_ALL'])
    it.each([1, 2, 3, 4, 5])('keeps its promises on traffic that it has not seen (seed %i).', async (seed) => {
      const measured = traffic(seed + 100, MANY)
      const unseen = { seen: traffic(seed, MANY), measured, best: await bestOf(tuned, measured) }
      for (const plant of PLANTS) {
        const { problem, steps } = await judge(plant, tuned, unseen)
        expect.soft(problem, `${plant.mistake} ${JSON.stringify(steps)}`).toBeUndefined()
        process.stdout.write(
          `${seed} | ${plant.mistake} | ${steps.map(({ code, promised, measured }) => `${code}: ${promised.toFixed(2)} / ${measured.toFixed(2)}`).join(', ')}\n`,
        )
      }
    }, 120_000)

  it.each([1, 2, 3])('recommends nothing for the tuned schema on each of three traffics (seed %i).', async (seed) => {
    for (const isShared of [true, false]) expect((await run({ ...tuned, isShared }, traffic(seed, SIZE))).recommendations).toEqual([])
  })

  it('gives up copies that nobody reads, and no hit, when it advises not to cache a value.', async () => {
    const { plant } = PLANTS.find(({ code }) => code === 'do-not-cache') ?? staticTable
    const ticker = ({ meter }: Awaited<ReturnType<typeof run>>) => meter.fields().find(({ field }) => field === 'Query.ticker')
    const cached = await run(plant(tuned), happenings)
    expect(ticker(cached)).toMatchObject({ stored: SIZE, reused: 0 })
    expect(cached.recommendations[0]?.evidence).toMatchObject({ stored: SIZE, reused: 0 })
    expect(ticker(await run(tuned, happenings))).toMatchObject({ stored: 0, loads: SIZE })
  })
})

describe('The judge of the advisor', () => {
  it('notices gains that are twice too large.', async () => {
    const doubled: typeof advise = (options) =>
      advise(options).map((one) => ({ ...one, gain: { ...one.gain, points: 2 * (one.gain.points ?? 0) } }))
    expect((await judge(wide, tuned, { ...onceSeen, advisor: doubled })).problem).toMatch(/promised were .* points, measured/)
  })

  it('notices a remedy that changes nothing.', async () => {
    const idle: typeof advise = (options) =>
      advise(options).map((one) => ({ ...one, snippets: one.snippets.map((each) => ({ ...each, text: 'l1: 1, l2: 1' })) }))
    const problem = (await judge(staticTable, tuned, { ...onceSeen, advisor: idle })).problem
    expect(problem).toMatch(/promised were .* points, measured 0\.00/)
  })

  it('notices an advisor that finds nothing, and one that names another field.', async () => {
    expect((await judge(wide, tuned, { ...onceSeen, advisor: () => [] })).problem).toBe('nothing was found')
    const astray: typeof advise = (options) => advise(options).map((one) => ({ ...one, subject: 'Query.items' }))
    expect((await judge(wide, tuned, { ...onceSeen, advisor: astray })).problem).toBe('found was narrower-depends of Query.items')
  })
})
