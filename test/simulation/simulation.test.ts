import { expect, it } from 'vitest'
import { simulate } from './simulation.ts'

const SEEDS = 300

it(`gives no wrong answer in ${SEEDS} seeded runs with crashes, suspensions, outages, failovers and a shared tier that lies`, async () => {
  const served: Record<string, number> = {}
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await simulate(seed)
    expect(report.violations, `seed ${seed}`).toEqual([])
    for (const [layer, count] of Object.entries(report.served)) served[layer] = (served[layer] ?? 0) + count
  }
  for (const layer of ['l1', 'l2', 'origin', 'coalesced', 'stale']) expect(served[layer], layer).toBeGreaterThan(100)
}, 120_000)
