import { describe, expect, it } from 'vitest'
import { Popularity, type PopularityCounts } from '#src/gateway/policies/popularity.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import fc from '../property.ts'

const HOUR_MS = 60 * 60 * 1000

type Counter = (env: ManualEnv, seed: number) => PopularityCounts

const counter: Counter = (env, seed) => new Popularity({ monotonic: () => env.monotonic(), seed })

/** Counts in one table that never forgets and has too few places. */
const neverAges: Counter = () => {
  const counts = new Uint32Array(2048)
  const place = (subject: string) => [...subject].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7) & 2047
  return {
    count: (subject) => {
      counts[place(subject)] = (counts[place(subject)] ?? 0) + 1
    },
    isPopular: (subject) => (counts[place(subject)] ?? 0) >= 8,
  }
}

/** Fails unless a subject that came eight times is popular, whatever else comes within the hour. */
function checkPopularIsFound(create: Counter): void {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0, max: 5000 }), (seed, others) => {
      const popularity = create(new ManualEnv(), seed)
      for (let turn = 0; turn < 8; turn++) {
        for (let other = 0; other < others / 8; other++) popularity.count(`acme:rare ${turn} ${other}`)
        popularity.count('acme:roof')
      }
      expect(popularity.isPopular('acme:roof')).toBe(true)
    }),
    { numRuns: 20 },
  )
}

/** Fails if more than one in a thousand subjects that came once counts as popular, after a flood of other subjects that came once. */
function checkRareStaysRare(create: Counter): void {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer({ min: 1000, max: 200_000 }), (seed, distinct) => {
      const popularity = create(new ManualEnv(), seed)
      for (let number = 0; number < distinct; number++) popularity.count(`acme:${number}`)
      let wrong = 0
      for (let number = distinct - 1000; number < distinct; number++) if (popularity.isPopular(`acme:${number}`)) wrong++
      expect(wrong).toBeLessThanOrEqual(1)
    }),
    { numRuns: 8 },
  )
}

describe('The popularity of a search', () => {
  it('is detected after eight requests, even among thousands of requests for other searches', () => {
    checkPopularIsFound(counter)
  })

  it('is wrongly detected in at most one in a thousand searches that were requested only once', () => {
    checkRareStaysRare(counter)
  })

  it('would be wrongly detected more often if counts never decreased, so the preceding test detects such counts', () => {
    expect(() => checkRareStaysRare(neverAges)).toThrow('Property failed')
  })

  it('is computed from counters that need no more memory after a million different searches', () => {
    const before = process.memoryUsage().arrayBuffers
    const popularity = counter(new ManualEnv(), 1)
    for (let number = 0; number < 1_000_000; number++) popularity.count(`acme:${number}`)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThanOrEqual(300 * 1024)
    expect(popularity.isPopular('acme:999999')).toBe(false)
  })

  it('ends an hour after the eight requests that caused it, and begins again with the next eight requests', async () => {
    const env = new ManualEnv()
    const popularity = counter(env, 1)
    const ask = (times: number) => {
      for (let time = 0; time < times; time++) popularity.count('acme:roof')
    }
    ask(8)
    env.suspend(HOUR_MS - 1)
    expect(popularity.isPopular('acme:roof')).toBe(true)
    env.suspend(1)
    expect(popularity.isPopular('acme:roof')).toBe(false)
    for (let hour = 0; hour < 5; hour++) {
      ask(8)
      expect(popularity.isPopular('acme:roof')).toBe(true)
      env.suspend(HOUR_MS)
    }
    env.suspend(1000 * HOUR_MS)
    expect(popularity.isPopular('acme:roof')).toBe(false)
  })
})
