import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  bidsPerBuyer,
  buyerShares,
  costFactors,
  hourOfWeek,
  popularityExponent,
  priceFactors,
  quantileLevels,
  runnerUpFactors,
  tldCounts,
} from '#src/market/seed/figures.ts'
import { needs } from '../servers/availability.ts'

const dataDir = process.env.DATA_DIR

describe('the constants of the sample data that were copied from public data sets', () => {
  it('contain shares of buyers that add up to 1, and ascending quantiles for prices, costs and second bids', () => {
    expect(hourOfWeek.map((day) => day.length)).toEqual(Array(7).fill(24))
    expect(buyerShares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3)
    for (const factors of [priceFactors, costFactors, runnerUpFactors]) {
      expect(factors).toHaveLength(quantileLevels.length)
      expect([...factors]).toEqual(factors.toSorted((a, b) => a - b))
    }
  })
})

describe('the constants of the sample data, recomputed from the public data sets,', needs('DATA_DIR'), () => {
  it('equal the traffic share of each hour of the week', () => {
    const sums = hourOfWeek.map((day) => day.map(() => 0))
    const rows = readRows('bat-traffic/traffic_share.csv')
    for (const { dow, hour, traffic_share } of rows) {
      const day = sums[Number(dow) - 1] as number[]
      day[Number(hour)] = (day[Number(hour)] as number) + Number(traffic_share)
    }
    const regions = new Set(rows.map(({ region_id }) => region_id)).size
    expect(regions).toBe(114)
    expect(hourOfWeek).toEqual(sums.map((day) => day.map((sum) => Math.round((sum / regions) * 100_000))))
  })

  it.each([
    ['cpc', priceFactors],
    ['cpm', costFactors],
  ] as const)('equal the quantiles of the prices (%s: cost per click or per thousand impressions) divided by their median', (kind, factors) => {
    const ratios = ['2', '3', '4'].flatMap((exchange) => {
      const values = readRows(`nab-hourly/realAdExchange/exchange-${exchange}_${kind}_results.csv`).map(({ value }) => Number(value))
      const median = quantile(values, 0.5)
      return values.map((value) => value / median)
    })
    expect(quantileLevels.map((level) => round(quantile(ratios, level), 3))).toEqual([...factors])
  })

  it('equal the share of each company in the mentions of all companies', () => {
    const totals = new Map<string, number>()
    for (const { buyer = '', calls } of readRows('nab-hourly/hourly_by_buyer.csv'))
      totals.set(buyer, (totals.get(buyer) ?? 0) + Number(calls))
    const sum = [...totals.values()].reduce((total, count) => total + count, 0)
    const shares = [...totals.values()].map((count) => round(count / sum, 4)).sort((a, b) => b - a)
    expect(shares).toEqual([...buyerShares])
  })

  it('equal the number of bids per auction and the ratio of the second bid to the first', () => {
    const answers = new Map<string, number[]>()
    for (const { bidder, fixture, price } of readRows('prebid-openrtb/bids.csv')) {
      const key = `${bidder}/${fixture}`
      answers.set(key, [...(answers.get(key) ?? []), Number(price)])
    }
    const counts = bidsPerBuyer.map((_, index) => [...answers.values()].filter(({ length }) => length === index + 1).length)
    expect(counts).toEqual([...bidsPerBuyer])
    const ratios = [...answers.values()]
      .map((prices) => prices.filter((price) => price > 0).sort((a, b) => b - a))
      .flatMap(([first, second]) => (first === undefined || second === undefined ? [] : [second / first]))
    expect(quantileLevels.map((level) => round(quantile(ratios, level), 3))).toEqual([...runnerUpFactors])
  })

  it('equal the shares of the top-level domains among the most visited names', () => {
    const endings = read('opendns-domains/opendns-top-domains.txt')
      .trim()
      .split('\n')
      .map((name) => name.slice(name.lastIndexOf('.') + 1))
    const counted = Object.keys(tldCounts).map((tld) => [tld, endings.filter((ending) => ending === tld).length])
    expect(Object.fromEntries(counted)).toEqual(tldCounts)
  })

  it('equal the exponent with which the popularity of a site decreases with its rank', () => {
    const sites = JSON.parse(read('top-sites/top-sites.json')) as { linkingRootDomains: number }[]
    const points = sites.map(({ linkingRootDomains }, index): [number, number] => [Math.log(index + 1), Math.log(linkingRootDomains)])
    expect(round(-slope(points), 3)).toBe(popularityExponent)
  })
})

function read(path: string): string {
  return readFileSync(join(dataDir as string, path), 'utf8')
}

/** Reads the rows of a CSV file. Fields that contain commas are quoted. */
function readRows(path: string): Record<string, string>[] {
  const [head = '', ...lines] = read(path).trim().split(/\r?\n/)
  const names = splitLine(head)
  return lines.map((line) => Object.fromEntries(splitLine(line).map((value, index) => [names[index] ?? '', value])))
}

function splitLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

function quantile(values: readonly number[], level: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = level * (sorted.length - 1)
  const low = sorted[Math.floor(position)] as number
  const high = sorted[Math.min(Math.floor(position) + 1, sorted.length - 1)] as number
  return low + (high - low) * (position % 1)
}

function slope(points: readonly [number, number][]): number {
  const mean = (pick: (point: [number, number]) => number) => points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])]
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
