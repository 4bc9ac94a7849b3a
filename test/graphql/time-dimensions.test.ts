import { describe, expect, it } from 'vitest'
import { timeTagValues } from '#src/gateway/policies/time-dimensions.ts'
import fc from '../property.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW = Date.parse('2026-03-18T10:20:30Z')
const values = (from: string | undefined, to: string | undefined, onlyPast = false) =>
  timeTagValues(from, to, NOW, onlyPast)?.map(({ value }) => value)

describe('the day and month tags that cover a time range', () => {
  it('consist of one tag for each day if the range has few days', () => {
    expect(values('2026-03-01T08:00:00Z', '2026-03-03T00:00:00Z')).toEqual(['2026-03-01', '2026-03-02'])
    expect(values('2026-03-01T08:00:00Z', '2026-03-03T00:00:00.001Z')).toEqual(['2026-03-01', '2026-03-02', '2026-03-03'])
  })

  it('consist of month tags for past months and day tags for the current month if the range has many days', () => {
    expect(values('2025-12-20T00:00:00Z', '2026-03-03T00:00:00Z')).toEqual(['2025-12', '2026-01', '2026-02', '2026-03-01', '2026-03-02'])
  })

  it('include every day until tomorrow if the range has no end', () => {
    expect(values('2026-03-17T00:00:00Z', undefined)).toEqual(['2026-03-17', '2026-03-18', '2026-03-19'])
  })

  it('are not computed if the caller allows only past days but the range includes a part of today', () => {
    expect(values('2026-03-01T00:00:00Z', '2026-03-18T00:00:00Z', true)).toHaveLength(17)
    expect(values('2026-03-01T00:00:00Z', '2026-03-18T00:00:01Z', true)).toBeUndefined()
    expect(values('2026-03-01T00:00:00Z', undefined, true)).toBeUndefined()
  })

  it('do not exist for an invalid range or for a range longer than any field accepts', () => {
    for (const [from, to] of [
      [undefined, '2026-01-01T00:00:00Z'],
      ['x', undefined],
      ['2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z'],
      ['2020-01-01T00:00:00Z', undefined],
    ] as const)
      expect(values(from, to)).toBeUndefined()
  })

  it('cover every moment of the range with fewer than a hundred tags', () => {
    const moment = fc.integer({ min: NOW - 450 * DAY_MS, max: NOW + 40 * DAY_MS })
    fc.assert(
      fc.property(moment, moment, moment, (a, b, c) => {
        const [from = 0, inside = 0, to = 0] = [a, b, c].sort((x, y) => x - y)
        if (inside === to) return
        const covered = values(new Date(from).toISOString(), new Date(to).toISOString()) ?? []
        const text = new Date(inside).toISOString()
        expect(covered.some((value) => text.startsWith(value))).toBe(true)
        expect(covered.length).toBeLessThan(100)
      }),
    )
  })
})
