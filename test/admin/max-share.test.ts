import { describe, expect, it } from 'vitest'
import { maxShare } from '#src/operations/admin/figures/max-share.ts'

/** Returns the probability of at most `events` events if `expected` are to be expected (Poisson). */
function atMost(events: number, expected: number): number {
  let term = Math.exp(-expected)
  let sum = term
  for (let k = 1; k <= events; k++) {
    term *= expected / k
    sum += term
  }
  return sum
}

describe('The upper bound of a share with a confidence of 95 %', () => {
  it('is 3 / N after no event in N, and never more than everything.', () => {
    expect(maxShare(0, 1000)).toBe(0.003)
    expect(maxShare(0, 3)).toBe(1)
    expect(maxShare(0, 1)).toBe(1)
    expect(maxShare(2, 2)).toBe(1)
  })

  it('is the rate at which as few events as were seen have a probability of 5 %.', () => {
    for (const events of [0, 1, 2, 5, 20, 100]) {
      const probability = atMost(events, maxShare(events, 1e6) * 1e6)
      expect(probability, `${events} events`).toBeGreaterThan(0.049)
      expect(probability, `${events} events`).toBeLessThan(0.0515)
    }
  })
})
