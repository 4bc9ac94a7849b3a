import { describe, expect, it } from 'vitest'
import { growthOf } from './growth.ts'
import { checkSeries, MAX_SERIES } from './series.ts'

const linesOf = (count: number, lineOf: (index: number) => string) => Array.from({ length: count }, (_, index) => lineOf(index)).join('\n')

describe('the check of a scrape', () => {
  it('counts the series and accepts as many operations as the meter has rows, and the row for all others', () => {
    const text = linesOf(201, (index) => `tidegate_requests_total{operation="Q${index}",layer="l1"} 1`)
    expect(checkSeries(`# HELP tidegate_requests_total Answers.\n${text}\nup 1\n`)).toEqual({ series: 202, problems: [] })
  })

  it('reports a label with more values than the meter has rows', () => {
    const text = linesOf(52, (index) => `tidegate_tenant_requests_total{layer="l1",tenant="a \\"${index}\\" {b}"} 1`)
    expect(checkSeries(text).problems).toEqual(['tidegate_tenant_requests_total tenant has 52 values, more than 51'])
  })

  it('reports a label that should have a fixed set of values, but has more than 100', () => {
    const text = linesOf(101, (index) => `tidegate_operation_errors_total{code="C${index}"} 1`)
    expect(checkSeries(text).problems).toEqual(['tidegate_operation_errors_total code has 101 values, more than 100'])
  })

  it('reports more series than the bound', () => {
    const text = linesOf(MAX_SERIES + 1, (index) => `metric_${index} 1`)
    expect(checkSeries(text)).toEqual({ series: MAX_SERIES + 1, problems: ['/metrics has 12001 series, more than 12000'] })
  })
})

describe('the growth of the heap', () => {
  const samplesOf = (heaps: readonly number[]) =>
    heaps.map((heapUsed, index) => ({ minute: (index + 1) / 2, heapUsed, rss: 0, series: 0, requests: 0 }))

  it('does not count the first fifth of the run, in which caches fill', () => {
    expect(growthOf(samplesOf([10, 30, 60, ...Array<number>(17).fill(100)]))).toBe(0)
  })

  it('compares the median after the first fifth with the median at the end, so that one sample alone changes nothing', () => {
    const heaps = [10, 30, 60, 100, 500, 100, ...Array<number>(11).fill(110), 120, 900, 120]
    expect(growthOf(samplesOf(heaps))).toBeCloseTo(0.2)
  })
})
