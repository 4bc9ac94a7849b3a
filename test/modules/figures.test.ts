import { describe, expect, it } from 'vitest'
import { Expiring } from '#src/gateway/contract/module.ts'
import { eventCounts, perUnit } from '#src/market/modules/analytics/figures.ts'
import { bidAt } from '#src/market/modules/bids/entity.ts'
import { bestBid } from '#src/market/modules/calls/writes.ts'
import { share } from '#src/market/modules/share.ts'

describe('the key figures of analytics', () => {
  it('are null if the divisor is 0, and 0 if only the dividend is 0', () => {
    expect(share(0, 0)).toBeNull()
    expect(share(0, 4)).toBe(0)
    expect(share(1, 4)).toBe(0.25)
    expect(perUnit(100, 0)).toBeNull()
  })

  it('round money to the minor unit, with halves rounded up', () => {
    expect(perUnit(10, 4)).toBe(3)
    expect(perUnit(9, 4)).toBe(2)
    expect(perUnit(-10, 4)).toBe(-2)
  })

  it('include every kind of event exactly once', () => {
    expect(eventCounts([{ kind: 'CONVERSION', count: 3 }])).toEqual([
      { kind: 'IMPRESSION', count: 0 },
      { kind: 'CLICK', count: 0 },
      { kind: 'CALL_STARTED', count: 0 },
      { kind: 'CALL_QUALIFIED', count: 0 },
      { kind: 'CONVERSION', count: 3 },
    ])
  })
})

describe('the best bid for a phone call', () => {
  const bid = (id: number, amountMinor: number, placedAt = '2026-03-01T00:00:00.000Z') => ({ id, amountMinor, placedAt })

  it('is the bid with the highest amount, then the earliest bid, then the bid with the lowest id', () => {
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

  it('is ACTIVE until it expires, and is cached only until then', () => {
    const bid = bidAt(stored('ACTIVE'), Date.parse(expiresAt) - 1)
    expect(bid).toBeInstanceOf(Expiring)
    expect(bid).toMatchObject({ until: Date.parse(expiresAt), value: { status: 'ACTIVE' } })
  })

  it('is EXPIRED from its expiry on, and this never changes', () => {
    expect(bidAt(stored('ACTIVE'), Date.parse(expiresAt))).toMatchObject({ status: 'EXPIRED' })
  })

  it('keeps the status that the auction gave it, however old the bid is', () => {
    expect(bidAt(stored('WON'), Date.parse(expiresAt) + 1)).toMatchObject({ status: 'WON' })
  })
})
