import { describe, expect, it } from 'vitest'
import { hitHeaders, storedResponse } from '#src/gateway/responses/stored-response.ts'

const MADE_AT = 1_000_000

function ageAfter(seconds: number, lifeSeconds: number, cacheControl: string): number {
  const answer = storedResponse({ madeAt: MADE_AT, lifeMs: 1000 * lifeSeconds, headers: ['cache-control', cacheControl] }, '{}')
  const headers = hitHeaders(answer, MADE_AT + 1000 * seconds, 'L1')
  return Number(headers[headers.indexOf('age') + 1])
}

describe('the Age header of a cached response', () => {
  it('never reaches max-age while the response is fresh', () => {
    for (let second = 0; second < 600; second++) expect(ageAfter(second, 600, 'public, max-age=0, s-maxage=30')).toBeLessThan(30)
  })

  it('makes an outer cache store the response only for its remaining TTL', () => {
    for (let second = 0; second <= 600; second++) {
      const left = 30 - ageAfter(second, 600, 'public, max-age=5, s-maxage=30')
      expect(left).toBe(Math.min(30, 600 - second))
    }
  })

  it('is the true age of the response if s-maxage equals the TTL in the gateway or Cache-Control has no max-age', () => {
    expect(ageAfter(7, 60, 'public, max-age=0, s-maxage=60')).toBe(7)
    expect(ageAfter(7, 60, 'private, no-cache')).toBe(7)
  })
})
