import { describe, expect, it } from 'vitest'
import { toAsciiName } from '#src/market/rules/naming/domain-name.ts'
import { topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import { hourOfWeek, priceFactors, quantileLevels } from '#src/market/seed/figures.ts'
import { draftAll, expectedShares, now } from './market.ts'

const drafted = draftAll('drafts', 20_000)
const { campaigns, domains, buyers, calls } = drafted
const rows = domains.flat().map(({ row }) => row)
const settled = calls.filter(({ call }) => call.status === 'SETTLED')

describe('the domain names of the sample data', () => {
  it('are valid names under real top-level domains, and no name occurs twice', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    for (const { name, sld, tld } of rows) {
      expect(toAsciiName(name)).toBe(name)
      expect(name).toBe(`${sld}.${tld}`)
      expect(topLevelDomains.has(tld)).toBe(true)
    }
  })

  it('are live in every running campaign, and are ordered by their number of phone calls', () => {
    campaigns.forEach(({ row }, index) => {
      const live = (domains[index] ?? []).filter(({ row: domain }) => domain.status === 'LIVE')
      if (row.status === 'DRAFT') expect(live).toHaveLength(0)
      else expect(live.length).toBeGreaterThan(0)
    })
    const ranks = rows.flatMap(({ popularityRank }) => popularityRank ?? []).sort((a, b) => a - b)
    expect(ranks).toEqual(Array.from(ranks, (_, index) => index + 1))
    const callsOf = new Map<number, number>()
    for (const { call } of calls) callsOf.set(call.domainId, (callsOf.get(call.domainId) ?? 0) + 1)
    const callsAtRanks = (from: number, to: number) =>
      rows
        .filter(({ popularityRank }) => popularityRank !== null && popularityRank >= from && popularityRank <= to)
        .reduce((sum, { id }) => sum + (callsOf.get(id) ?? 0), 0)
    expect(callsAtRanks(1, 20)).toBeGreaterThan(callsAtRanks(21, 40))
    expect(callsAtRanks(21, 40)).toBeGreaterThan(callsAtRanks(101, 120))
  })

  it('end in .com about as often as popular domain names do', () => {
    const com = rows.filter(({ tld }) => tld === 'com').length / rows.length
    expect(com).toBeGreaterThan(0.7)
    expect(com).toBeLessThan(0.9)
  })
})

describe('the phone calls of the sample data', () => {
  it('arrive at the hours of the week in which real traffic is high', () => {
    const counts = Array.from({ length: 168 }, () => 0)
    const weeks = Array.from({ length: 168 }, () => 0)
    for (const { call } of calls) add(counts, call.startedAt)
    const end = Math.floor(now / 3_600_000) * 3_600_000
    for (let hour = 1; hour <= 720; hour += 1) add(weeks, new Date(end - hour * 3_600_000).toISOString())
    const perHour = counts.map((count, index) => count / (weeks[index] as number))
    expect(correlation(perHour, hourOfWeek.flat())).toBeGreaterThan(0.97)
  })

  it('are unevenly distributed over campaigns: a fifth of the running campaigns gets more than a fifth of the phone calls', () => {
    const counts = new Map<number, number>()
    for (const { call } of calls) counts.set(call.campaignId, (counts.get(call.campaignId) ?? 0) + 1)
    const sorted = [...counts.values()].sort((a, b) => b - a)
    const top = sorted.slice(0, Math.ceil(sorted.length / 5)).reduce((sum, count) => sum + count, 0)
    expect(top / calls.length).toBeGreaterThan(0.4)
    expect(campaigns.filter(({ row }) => row.status === 'DRAFT').every(({ row }) => !counts.has(row.id))).toBe(true)
  })

  it('are sold at prices that are distributed like real click prices', () => {
    const median = new Map(campaigns.map(({ row, medianPriceMinor }) => [row.id, medianPriceMinor]))
    const ratios = settled.map(({ call }) => call.revenueMinor / (median.get(call.campaignId) as number)).sort((a, b) => a - b)
    quantileLevels.forEach((level, index) => {
      const ratio = ratios[Math.round(level * (ratios.length - 1))] as number
      expect(Math.abs(ratio / (priceFactors[index] as number) - 1)).toBeLessThan(0.08)
    })
  })

  it('are distributed over buyers by the known market shares of ten companies', () => {
    const position = new Map([...buyers.values()].flatMap((own) => own.map(({ id }, index): [number, number] => [id, index])))
    const wins = Array.from({ length: 10 }, () => 0)
    for (const { bids } of settled) {
      const index = position.get(bids.find(({ status }) => status === 'WON')?.buyerId ?? 0) as number
      wins[index] = (wins[index] as number) + 1
    }
    expectedShares(10).forEach((share, index) => {
      // Buyers that serve only one region get fewer phone calls, so the shares match only approximately.
      expect(Math.abs((wins[index] as number) / settled.length - share)).toBeLessThan(0.05)
    })
    expect(correlation(wins, expectedShares(10))).toBeGreaterThan(0.99)
  })

  it('have about three bids each on average', () => {
    const bids = calls.reduce((sum, call) => sum + call.bids.length, 0)
    expect(bids / calls.length).toBeGreaterThan(2.8)
    expect(bids / calls.length).toBeLessThan(3.3)
  })

  it('are consistent: a settled phone call has one winning bid, the highest, whose amount is the revenue; a missed phone call has no revenue', () => {
    const accepts = new Map([...buyers.values()].flat().map(({ id, states }) => [id, states]))
    for (const { call, bids } of calls.slice(0, 3_000)) {
      const won = bids.filter(({ status }) => status === 'WON')
      expect(won).toHaveLength(call.status === 'SETTLED' ? 1 : 0)
      expect(call.revenueMinor).toBe(won[0]?.amountMinor ?? 0)
      expect(call.costMinor).toBeGreaterThan(0)
      expect(Date.parse(call.settledAt as string)).toBeLessThanOrEqual(now + 3_600_000)
      for (const bid of bids) {
        if (won[0] && bid !== won[0]) expect(bid.amountMinor).toBeLessThan(won[0].amountMinor)
        expect(['WON', 'LOST', 'CANCELLED']).toContain(bid.status)
        expect([bid.tenantId, bid.campaignId]).toEqual([call.tenantId, call.campaignId])
        const states = accepts.get(bid.buyerId) ?? []
        expect(states.length === 0 || states.includes(call.callerState)).toBe(true)
        expect(Date.parse(bid.placedAt)).toBeGreaterThanOrEqual(Date.parse(call.startedAt))
      }
    }
  })

  it('are the same for the same seed, and different for another seed', () => {
    expect(draftAll('drafts', 500)).toEqual(draftAll('drafts', 500))
    expect(draftAll('other', 500).calls).not.toEqual(draftAll('drafts', 500).calls)
  })
})

function add(counts: number[], time: string): void {
  const date = new Date(time)
  const index = ((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours()
  counts[index] = (counts[index] as number) + 1
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const covariance = a.reduce((sum, value, index) => sum + (value - meanA) * ((b[index] as number) - meanB), 0)
  const spread = (values: readonly number[], middle: number) => Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0))
  return covariance / (spread(a, meanA) * spread(b, meanB))
}
