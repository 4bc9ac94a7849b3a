import { describe, expect, it } from 'vitest'
import { runSeeds } from './run.ts'
import { simulate } from './simulation.ts'
import { brokenVariants } from './variants.ts'

/** `npm run sim -- --seeds 10000` runs more seeds. */
const SEEDS = 24
const SEEDS_OF_RARE_LOOKS = 16
/** Number of seeds in which a broken variant must be found. The first of them run in this process, because starting others takes longer. */
const SEEDS_TO_CATCH = 4000
const SEEDS_IN_THIS_PROCESS = 5

describe('the simulation', () => {
  it(`finds no wrong answer in ${SEEDS} seeded runs with crashes, suspensions, outages, failovers and a shared tier that returns wrong values`, async () => {
    const report = await runSeeds({ firstSeed: 1, seeds: SEEDS })
    expect(report.wrong).toEqual([])
    expect(report.seeds).toBe(SEEDS)
    for (const layer of ['l1', 'l2', 'origin', 'coalesced', 'stale', 'view']) expect(report.served[layer], layer).toBeGreaterThan(SEEDS / 4)
    for (const outcome of ['copied', 'spared', 'no value', 'invalidated', 'timed out'])
      expect(report.served[outcome], outcome).toBeGreaterThan(0)
  }, 180_000)

  it(`finds no wrong answer in ${SEEDS_OF_RARE_LOOKS} runs with rare log syncs and many lost notifications of new log rows`, async () => {
    for (let seed = 1; seed <= SEEDS_OF_RARE_LOOKS; seed++)
      expect((await simulate(seed, { connectedWakeUp: true })).violations, `seed ${seed}`).toEqual([])
  }, 180_000)

  it.each(Object.keys(brokenVariants))('finds a wrong answer if %s', async (variant) => {
    const { firstSeed = 1 } = brokenVariants[variant] ?? {}
    for (let seed = firstSeed; seed < firstSeed + SEEDS_IN_THIS_PROCESS; seed++) {
      if ((await simulate(seed, brokenVariants[variant])).violations.length > 0) return
    }
    const { wrong } = await runSeeds({ firstSeed: firstSeed + SEEDS_IN_THIS_PROCESS, seeds: SEEDS_TO_CATCH, variant, untilWrong: true })
    expect(wrong).not.toEqual([])
  }, 180_000)
})
