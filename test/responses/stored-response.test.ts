import { describe, expect, it } from 'vitest'
import { hitHeaders, storedResponse } from '../../src/responses/stored-response.ts'

const MADE_AT = 1_000_000

function ageAfter(seconds: number, lifeSeconds: number, cacheControl: string): number {
  const answer = storedResponse({ madeAt: MADE_AT, lifeMs: 1000 * lifeSeconds, headers: ['cache-control', cacheControl] }, '{}')
  const headers = hitHeaders(answer, MADE_AT + 1000 * seconds, 'L1')
  return Number(headers[headers.indexOf('age') + 1])
}

describe('the Age of an answer from a tier', () => {
  it('never reaches the time that its headers give while the answer lives', () => {
    for (let second = 0; second < 600; second++) expect(ageAfter(second, 600, 'public, max-age=0, s-maxage=30')).toBeLessThan(30)
  })

  it('leaves a cache outside no more than what is left of the life', () => {
    for (let second = 0; second <= 600; second++) {
      const left = 30 - ageAfter(second, 600, 'public, max-age=5, s-maxage=30')
      expect(left).toBe(Math.min(30, 600 - second))
    }
  })

  it('is the true age where others may keep the answer as long as the gateway, and where no time is given', () => {
    expect(ageAfter(7, 60, 'public, max-age=0, s-maxage=60')).toBe(7)
    expect(ageAfter(7, 60, 'private, no-cache')).toBe(7)
  })
})
