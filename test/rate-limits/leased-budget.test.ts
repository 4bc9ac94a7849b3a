import { describe, expect, it } from 'vitest'
import type { Counts } from '#src/gateway/budgets/counts.ts'
import { LeasedBudget } from '#src/gateway/budgets/leased-budget.ts'
import fc from '../property.ts'

const WINDOW_MS = 60_000
/**
 * Maximum share of the budget that a process holds: it leases 1 % at a time, and takes the next lease while half of the
 * current lease is left.
 */
const HELD_SHARE = 0.015

/** Counts requests in windows of one minute, like the shared counter. */
class Windows implements Counts {
  readonly taken: number[] = []
  #endsAt = 0
  #used = 0
  readonly #clock: { at: number }
  readonly #perMinute: number

  constructor(clock: { at: number }, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  async take(_key: string, requests: number) {
    if (this.#clock.at >= this.#endsAt) {
      this.#endsAt = this.#clock.at + WINDOW_MS
      this.#used = 0
    }
    const granted = Math.min(requests, this.#perMinute - this.#used)
    this.#used += granted
    this.taken.push(requests)
    return { granted, resetMs: this.#endsAt - this.#clock.at }
  }
}

type Budget = Pick<LeasedBudget, 'spend'>
type MakeBudget = (options: ConstructorParameters<typeof LeasedBudget>[0]) => Budget

/**
 * Returns the number of granted requests in each window, when several processes together receive at least twice the
 * budget.
 */
async function answered(make: MakeBudget, perMinute: number, bursts: readonly number[], windows: number): Promise<number[]> {
  const clock = { at: 0 }
  const counts = new Windows(clock, perMinute)
  const processes = bursts.map(() => make({ counts, perMinute, monotonic: () => clock.at }))
  const totals: number[] = []
  for (let window = 0; window < windows; window++) {
    let total = 0
    for (let sent = 0; sent < perMinute * 2; ) {
      const waits = await Promise.all(
        processes.flatMap((budget, index) => Array.from({ length: bursts[index] ?? 1 }, () => budget.spend('one'))),
      )
      sent += waits.length
      total += waits.filter((wait) => wait === 0).length
    }
    totals.push(total)
    clock.at += WINDOW_MS
  }
  return totals
}

const scenarios = [fc.integer({ min: 1, max: 2000 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 })] as const

async function isExact(make: MakeBudget, perMinute: number, bursts: readonly number[]): Promise<boolean> {
  const least = perMinute - Math.ceil(bursts.length * perMinute * HELD_SHARE)
  return (await answered(make, perMinute, bursts, 3)).every((total) => total <= perMinute && total >= least)
}

describe('a rate limit budget that several processes share', () => {
  it('is never exceeded in any window, and each process reserves at most 1.5 % of the budget', async () => {
    await fc.assert(
      fc.asyncProperty(...scenarios, (perMinute, bursts) => isExact((options) => new LeasedBudget(options), perMinute, bursts)),
      { numRuns: 60 },
    )
  })

  it.each<[string, MakeBudget]>([
    [
      'a process spends requests that it has not reserved',
      (options) => {
        const budget = new LeasedBudget(options)
        let free = 20
        return { spend: async (key) => (free-- > 0 ? 0 : budget.spend(key)) }
      },
    ],
    [
      'a process does not use a partial grant',
      (options) =>
        new LeasedBudget({
          ...options,
          counts: {
            take: async (key, requests) => {
              const { granted, resetMs } = await options.counts.take(key, requests)
              return { granted: granted < requests ? 0 : granted, resetMs }
            },
          },
        }),
    ],
    ['each process counts separately', (options) => new LeasedBudget({ ...options, counts: new Windows({ at: 0 }, options.perMinute) })],
  ])('is exceeded, and this test detects that, if %s', async (_, make) => {
    const result = await fc.check(
      fc.asyncProperty(...scenarios, (perMinute, bursts) => isExact(make, perMinute, bursts)),
      { numRuns: 200 },
    )
    expect(result.failed).toBe(true)
  })

  it('is reserved in one step for many requests, not for each request separately', async () => {
    const counts = new Windows({ at: 0 }, 10_000)
    const budget = new LeasedBudget({ counts, perMinute: 10_000, monotonic: () => 0 })
    for (let sent = 0; sent < 5000; sent++) expect(await budget.spend('one')).toBe(0)
    expect(counts.taken.length).toBeLessThan(110)
  })

  it('tells a rejected caller how long to wait, and is full again afterwards', async () => {
    const clock = { at: 5000 }
    const budget = new LeasedBudget({ counts: new Windows(clock, 2), perMinute: 2, monotonic: () => clock.at })
    expect([await budget.spend('one'), await budget.spend('one')]).toEqual([0, 0])
    clock.at += 20_000
    expect(await budget.spend('one')).toBe(40_000)
    expect(await budget.spend('another')).toBe(40_000)
    clock.at += 40_000
    expect(await budget.spend('one')).toBe(0)
  })

  it('is reduced if more requests are charged afterwards, and increased if requests are refunded', async () => {
    const budget = new LeasedBudget({ counts: new Windows({ at: 0 }, 10), perMinute: 10, monotonic: () => 0 })
    expect(await budget.spend('one')).toBe(0)
    budget.charge('one', 8)
    budget.charge('one', -1)
    expect([await budget.spend('one'), await budget.spend('one')]).toEqual([0, 0])
    expect(await budget.spend('one')).toBe(WINDOW_MS)
  })
})
