import { describe, expect, it } from 'vitest'
import { readClaims } from '../../web/src/api/claims.ts'
import { addressOf } from '../../web/src/api/client.ts'
import { withEnd } from '../../web/src/charts/chart-data.ts'
import { countsByLayer, finishedPoints, LAYERS } from '../../web/src/charts/layers.ts'
import { placeMarks } from '../../web/src/charts/marks.ts'
import { nextOrder, pageOf, readOrder, sorted, writeOrder } from '../../web/src/parts/table-order.ts'
import { hrefOf, partsOf, viewPath, withParam } from '../../web/src/router/address.ts'
import { marksOf } from '../../web/src/views/overview/series-marks.ts'
import { tokenFor } from '../e2e/gateway.ts'

describe('An address of the dashboard', () => {
  it('leads to its view, also with a slash at the end.', () => {
    expect([viewPath('/dashboard'), viewPath('/dashboard/'), viewPath('/dashboard/operations/'), viewPath('/dash')]).toEqual([
      '/',
      '/',
      '/operations',
      undefined,
    ])
  })

  it('keeps the time range and the tenant when the reader goes to another view, and drops filters of the old view.', () => {
    expect(hrefOf('/operations', '?window=7d&tenant=acme&name=List')).toBe('/dashboard/operations?window=7d&tenant=acme')
    expect(hrefOf('/?window=1h', '?window=7d')).toBe('/dashboard?window=1h')
  })

  it('contains a name with any characters, and a name that cannot be decoded does not break the page.', () => {
    const name = 'a/b?c#d %'
    expect(partsOf(`/operations/${encodeURIComponent(name)}`)).toEqual(['operations', name])
    expect(partsOf('/operations/%E0%A4%A')).toEqual(['operations', '%E0%A4%A'])
  })

  it('leaves out a parameter with its default value.', () => {
    expect(withParam('?window=7d&by=field', 'window', '24h', '24h')).toBe('?by=field')
    expect(withParam('', 'by', 'field', 'operation')).toBe('?by=field')
  })
})

describe('An address of the management API', () => {
  it('contains only the parameters that have a value.', () => {
    expect(addressOf('/stats', { window: '24h', until: undefined, tenant: '', limit: 5 })).toBe('/api/v1/cache/stats?window=24h&limit=5')
    expect(addressOf('/policies')).toBe('/api/v1/cache/policies')
  })
})

describe('A token', () => {
  it('shows its tenant and role, and another text shows nothing.', async () => {
    const claims = readClaims(await tokenFor({ tenant: 'acme', userId: '7', role: 'OPERATOR' }))
    expect(claims).toMatchObject({ tenant: 'acme', role: 'OPERATOR', userId: '7', expiresAt: expect.any(Number) })
    expect([readClaims(''), readClaims('a.b.c'), readClaims('e30.e30.'), readClaims('e30.bnVsbA.x')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('A table', () => {
  it('sorts numbers and texts, and puts unknown values last in both orders.', () => {
    const rows = [{ value: 2 }, { value: null }, { value: 10 }]
    const values = (isDescending: boolean) => sorted(rows, ({ value }) => value, isDescending).map(({ value }) => value)
    expect([values(false), values(true)]).toEqual([
      [2, 10, null],
      [10, 2, null],
    ])
    expect(sorted(['b10', 'b9', 'A'], (text) => text, false)).toEqual(['A', 'b9', 'b10'])
  })

  it('begins with the greatest number or the first text when another column is chosen, and then turns the order round.', () => {
    const order = nextOrder(readOrder('-impact'), 'requests', true)
    expect(writeOrder(order)).toBe('-requests')
    expect(writeOrder(nextOrder(order, 'requests', true))).toBe('requests')
    expect(writeOrder(nextOrder(order, 'operation', false))).toBe('operation')
  })

  it('shows the last page for a page beyond it, and the first one for a wrong number.', () => {
    const rows = Array.from({ length: 101 }, (_, index) => index)
    expect(pageOf(rows, 9, 50)).toMatchObject({ rows: [100], page: 2, pages: 3, first: 101, last: 101 })
    expect(pageOf(rows, Number.NaN, 50)).toMatchObject({ page: 0, first: 1, last: 50 })
    expect(pageOf([], 0, 50)).toMatchObject({ pages: 1, first: 0, last: 0 })
  })
})

describe('A chart', () => {
  it('shows each answer once: the counts of its layers add up to all answers.', () => {
    const answers = {
      'at hand': 1,
      l1: 2,
      l2: 4,
      coalesced: 8,
      stale: 16,
      parts: 32,
      origin: 64,
      bypassed: 128,
      shed: 256,
      refused: 512,
    }
    const counts = countsByLayer(answers)
    expect(counts).toHaveLength(LAYERS.length)
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(1023)
  })

  it('leaves out the step that is still being counted or stored, because its few answers would look like a fall.', () => {
    const point = (at: string) => ({ at: `2026-11-27T19:${at}:00Z` }) as ReturnType<typeof finishedPoints>[number]
    const points = [point('09'), point('10'), point('11'), point('12')]
    const finishedAt = (time: string, all = points) =>
      finishedPoints({ points: all, stepMs: 60_000, completeUntil: `2026-11-27T19:${time}Z` })
    expect(finishedAt('12:15')).toEqual(points.slice(0, 3))
    expect(finishedAt('11:50')).toEqual(points.slice(0, 2))
    expect(finishedAt('12:15', points.slice(2))).toEqual(points.slice(2))
  })

  it('draws the last value over its whole step, so that a fall in the last step is seen.', () => {
    const points = [
      { at: 0, values: [0.9] },
      { at: 60_000, values: [0.4] },
    ]
    expect(withEnd(points, 60_000)).toEqual([...points, { at: 120_000, values: [0.4] }])
    expect(withEnd([], 60_000)).toEqual([])
  })

  it('writes the texts of events without overlaps, falls of the hit rate first, and leaves out events outside.', () => {
    const mark = (at: number, text: string, kind = 'purge') => ({ at, text, kind, sentence: text })
    const marks = [mark(500, 'purge'), mark(510, 'fall', 'drop'), mark(0, 'first'), mark(511, 'same place'), mark(2000, 'outside')]
    expect(placeMarks(marks, (at) => at, 1000).map(({ text, left, anchor }) => [text, left, anchor])).toEqual([
      ['fall', 510, 'middle'],
      ['first', 0, 'start'],
      [undefined, 500, 'middle'],
    ])
  })
})

it('An invalidation of everything is marked with its reason in words, also if it came in the step that has not ended.', () => {
  const end = Date.UTC(2026, 2, 10, 12)
  const reset = { kind: 'reset', text: 'system new epoch invalidated everything.', by: 'system new epoch' } as const
  const marksAt = (at: number) => marksOf({ marks: [{ ...reset, at: new Date(at).toISOString() }] }, end)
  const words = /^system new epoch invalidated everything: the invalidation log began anew, because .+ fresh\.$/
  expect(marksAt(end - 60_000)).toEqual([{ at: end - 60_000, kind: 'reset', text: 'reset', sentence: expect.stringMatching(words) }])
  const [late] = marksAt(end + 60_000)
  expect(late).toMatchObject({ at: end - 1, sentence: expect.stringMatching(/ It was at .+, after the last step that is drawn\.$/) })
  const deploy = { at: new Date(end - 1).toISOString(), kind: 'deploy', text: 'Version 2.4.1 was started.', by: null } as const
  expect(marksOf({ marks: [deploy] }, end)).toMatchObject([{ text: 'deploy 2.4.1', sentence: 'Version 2.4.1 was started.' }])
})
