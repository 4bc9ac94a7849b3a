import { describe, expect, it } from 'vitest'
import { eventCounts, perUnit, share } from '../../src/modules/analytics/figures.ts'
import { bidAt } from '../../src/modules/bids/entity.ts'
import { bestBid } from '../../src/modules/calls/writes.ts'
import { Expiring } from '../../src/modules/module.ts'

describe('key figures', () => {
  it('are null where there is nothing to divide by, and 0 where nobody bought', () => {
    expect(share(0, 0)).toBeNull()
    expect(share(0, 4)).toBe(0)
    expect(share(1, 4)).toBe(0.25)
    expect(perUnit(100, 0)).toBeNull()
  })

  it('round money to the minor unit, halves up, losses too', () => {
    expect(perUnit(10, 4)).toBe(3)
    expect(perUnit(9, 4)).toBe(2)
    expect(perUnit(-10, 4)).toBe(-2)
  })

  it('name every kind of event once', () => {
    expect(eventCounts([{ kind: 'CONVERSION', count: 3 }])).toEqual([
      { kind: 'IMPRESSION', count: 0 },
      { kind: 'CLICK', count: 0 },
      { kind: 'CALL_STARTED', count: 0 },
      { kind: 'CALL_QUALIFIED', count: 0 },
      { kind: 'CONVERSION', count: 3 },
    ])
  })
})

describe('the best bid', () => {
  const bid = (id: number, amountMinor: number, placedAt = '2026-03-01T00:00:00.000Z') => ({ id, amountMinor, placedAt })

  it('is the highest, then the earliest, then the one with the lowest id', () => {
    expect(bestBid([bid(1, 5), bid(2, 9), bid(3, 7)])?.id).toBe(2)
    expect(bestBid([bid(1, 9, '2026-03-01T00:00:01.000Z'), bid(2, 9)])?.id).toBe(2)
    expect(bestBid([bid(10, 9), bid(9, 9)])?.id).toBe(9)
    expect(bestBid([])).toBeUndefined()
  })
})

describe('a stored bid', () => {
  const expiresAt = '2026-03-01T00:05:00.000Z'
  const stored = (status: 'ACTIVE' | 'WON') =>
    ({
      id: 1,
      tenantId: 'acme',
      callId: 1,
      campaignId: 1,
      buyerId: 1,
      amountMinor: 5,
      status,
      placedAt: '2026-03-01T00:00:00.000Z',
      expiresAt,
      version: 1,
    }) as const

  it('reads as ACTIVE until the moment it expires, and is kept no longer', () => {
    const bid = bidAt(stored('ACTIVE'), Date.parse(expiresAt) - 1)
    expect(bid).toBeInstanceOf(Expiring)
    expect(bid).toMatchObject({ until: Date.parse(expiresAt), value: { status: 'ACTIVE' } })
  })

  it('reads as EXPIRED from that moment on, which does not change any more', () => {
    expect(bidAt(stored('ACTIVE'), Date.parse(expiresAt))).toMatchObject({ status: 'EXPIRED' })
  })

  it('stays what was decided, however old', () => {
    expect(bidAt(stored('WON'), Date.parse(expiresAt) + 1)).toMatchObject({ status: 'WON' })
  })
})
