import { describe, expect, it } from 'vitest'
import { runSeeds } from './run.ts'
import { type Report, simulate } from './simulation.ts'
import { brokenVariants } from './variants.ts'

/** `npm run sim -- --seeds 10000` runs more seeds. */
const SEEDS = 24
const SEEDS_OF_RARE_LOOKS = 16
const SEEDS_OF_EXPERIMENTS = 6
/** Number of seeds in which a broken variant must be found. The first of them run in this process, because starting others takes longer. */
const SEEDS_TO_CATCH = 4000
const SEEDS_IN_THIS_PROCESS = 5

describe('the simulation', () => {
  it(`finds no wrong answer in ${SEEDS} seeded runs with crashes, suspensions, outages, failovers and a shared tier that returns wrong values`, async () => {
    const report = await runSeeds({ firstSeed: 1, seeds: SEEDS })
    expect(report.wrong).toEqual([])
    expect(report.seeds).toBe(SEEDS)
    for (const layer of ['l1', 'l2', 'origin', 'coalesced', 'stale', 'view']) expect(report.served[layer], layer).toBeGreaterThan(SEEDS / 4)
    for (const outcome of ['copied', 'spared', 'no value', 'invalidated', 'timed out', 'control', 'trial'])
      expect(report.served[outcome], outcome).toBeGreaterThan(0)
  }, 180_000)

  it(`finds no wrong answer in ${SEEDS_OF_RARE_LOOKS} runs with rare log syncs and many lost notifications of new log rows`, async () => {
    for (let seed = 1; seed <= SEEDS_OF_RARE_LOOKS; seed++)
      expect((await simulate(seed, { connectedWakeUp: true })).violations, `seed ${seed}`).toEqual([])
  }, 180_000)

  it(`finds no wrong answer in ${SEEDS_OF_EXPERIMENTS} runs in which every instance starts and stops experiments at other times`, async () => {
    for (let seed = 1; seed <= SEEDS_OF_EXPERIMENTS; seed++) {
      const { violations, served } = await simulate(seed, {}, { hasExperiments: true })
      expect(violations, `seed ${seed}`).toEqual([])
      expect((served['control'] ?? 0) + (served['trial'] ?? 0), `seed ${seed}`).toBeGreaterThan(50)
    }
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

describe('shadow mode in the simulation', () => {
  const violationsOf = ({ shadows }: Report) => shadows.filter(({ outcome }) => outcome === 'violation')

  it('reports no violation in an hour of simulated time with all faults, and judges nearly all comparisons.', async () => {
    const report = await simulate(1, { connectedWakeUp: true }, { shadowRate: 1, runMs: 3_600_000, maxPauseMs: 5000 })
    expect([report.violations, violationsOf(report)]).toEqual([[], []])
    const undecided = report.shadows.filter(({ outcome }) => outcome === 'undecided')
    expect(report.shadows.length).toBeGreaterThan(1000)
    expect(undecided.length).toBeLessThan(report.shadows.length / 10)
    expect(report.shadows.filter(({ outcome }) => outcome === 'within bound')).not.toEqual([])
  }, 180_000)

  it.each([
    'stamp before load',
    'shared entries checked',
    'token wait',
  ] as const)('finds violations if the step "%s" is left out.', async (omit) => {
    for (let seed = 1; seed <= 20; seed++) if (violationsOf(await simulate(seed, { omit }, { shadowRate: 1 })).length > 0) return
    expect.fail('No violation was found.')
  }, 180_000)
})
