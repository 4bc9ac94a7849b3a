import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dailySeed } from '../daily-seed.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { defects } from './oracle/defects.ts'
import { Chance } from './oracle/random.ts'
import { type RunOptions, runAndJudge } from './oracle/run.ts'

/** `npm run test:thorough -- routing` runs everything, `npm test` a few seconds of it with one defect, another one each day. */
const isWhole = process.env['ROUTING_ALL'] === '1'
/** The clocks of New York, Los Angeles and Lord Howe Island change within the runs. */
const STARTS = ['2026-03-07T20:00:00Z', '2026-10-31T20:00:00Z', '2026-04-04T10:00:00Z']
const SMALL = { buyers: 6, callers: 12, atOnce: 64, budgetMinor: 1_000_000 }
const PLANTED = Object.entries(defects)
const TODAYS = PLANTED.filter((_, index) => isWhole || index === dailySeed % PLANTED.length)

describe('64 pings, posts, settlements and changes at a time, judged by a slow program that looks at what was committed', () => {
  let scratch: ScratchDatabase
  let tenants = 0
  beforeAll(async () => {
    scratch = await createScratchDatabase()
  })
  afterAll(() => scratch?.drop())

  const run = (seed: number, options: Omit<RunOptions, 'url' | 'tenant' | 'chance' | 'start'>) => {
    const start = STARTS[seed % STARTS.length] ?? ''
    return runAndJudge({ url: scratch.url, tenant: `run-${++tenants}`, chance: new Chance(seed), start, ...options })
  }

  it('exceed and ignore nothing, and refuse nobody without a true reason', async () => {
    // With some seeds, the callers of two rounds are offered next to nothing. Such a run says little, so the next seed follows.
    let offered = 0
    for (let seed = dailySeed; seed < dailySeed + (isWhole ? 6 : 20) && (isWhole || offered <= 3); seed++) {
      const { faults, outcomes } = await run(seed, { ...SMALL, rounds: isWhole ? 40 : 2 })
      expect(faults, `seed ${seed}`).toEqual([])
      offered += outcomes['PING OFFERED'] ?? 0
    }
    expect(offered).toBeGreaterThan(3)
  }, 900_000)

  if (isWhole) {
    it('never promise publishers more than the budget', async () => {
      const { faults, outcomes } = await run(dailySeed, { ...SMALL, buyers: 12, rounds: 20, budgetMinor: 300 })
      expect(faults).toEqual([])
      expect(outcomes['PING CAMPAIGN_SPENT']).toBeGreaterThan(0)
    }, 900_000)

    it('exceed nothing with 200 buyers either', async () => {
      const { faults, outcomes } = await run(dailySeed, { buyers: 200, callers: 400, atOnce: 64, rounds: 30, budgetMinor: 1_000_000 })
      expect(faults).toEqual([])
      expect(outcomes['POST CONNECTED']).toBeGreaterThan(50)
    }, 900_000)
  }

  it.each(TODAYS)(
    'are found to be wrong with %s',
    async (_name, defect) => {
      let faults: readonly string[] = []
      for (let seed = dailySeed; seed < dailySeed + 20 && faults.length === 0; seed++)
        faults = (await run(seed, { ...SMALL, buyers: 4, callers: defect.callers, rounds: 2, defect })).faults
      expect(faults.length).toBeGreaterThan(0)
    },
    900_000,
  )
})
