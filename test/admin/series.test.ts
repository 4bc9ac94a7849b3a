import { expect, it } from 'vitest'
import type { Cache } from '#src/engine/cache/cache.ts'
import { seriesEndpoint } from '#src/operations/admin/handlers/series.ts'
import type { Drop } from '#src/operations/history/drop-analysis.ts'
import type { History } from '#src/operations/history/history.ts'
import type { SeriesPoint } from '#src/operations/history/read-series.ts'
import { NO_MISSES, NO_READS } from '#src/operations/telemetry/usage.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { operator } from './management.ts'

const MINUTE_MS = 60_000
const NOW = Date.UTC(2026, 10, 27, 12)

/** A history whose hit rate falls every half hour, and which takes a while to explain a fall. */
function slowHistory(env: ManualEnv, explainMs: number) {
  const explained: Parameters<History['explainDrop']>[0][] = []
  const series = Array.from({ length: 120 }, (_, minute): SeriesPoint => {
    const hits = minute % 30 < 15 ? 90 : 30 + minute / 10
    const reads = { ...NO_READS, l1: hits, origin: 100 - hits }
    return { at: NOW - (120 - minute) * MINUTE_MS, reads, misses: { ...NO_MISSES, cold: 100 - hits }, loads: 0, loadMs: 0, savedMs: 0 }
  })
  const history = {
    store: async () => undefined,
    series: async () => series,
    answers: async () => [],
    invalidations: async () => [],
    invalidationCounts: async () => new Map(),
    explainDrop: async (options: (typeof explained)[number]): Promise<Partial<Drop>> => {
      explained.push(options)
      await env.advance(explainMs)
      return { hitRateBefore: 0.9, hitRateAfter: 0.3, reason: 'Because of a write.', worst: null, write: null }
    },
  }
  return { history: history as unknown as History, explained }
}

const lastSentence = (sentence: string) => sentence.split(/(?<=\.) (?=[A-Z])/).at(-1)

async function dropsOf(explainMs: number) {
  const env = new ManualEnv()
  const { history, explained } = slowHistory(env, explainMs)
  const endpoint = seriesEndpoint({
    cache: { now: () => NOW, recentInvalidations: () => ({ all: () => [] }) as unknown as ReturnType<Cache['recentInvalidations']> },
    read: async () => [],
    history,
    env,
  })
  const answer = await endpoint.handle({ caller: operator, query: { window: '2h', step: 'auto' }, body: undefined })
  const { drops } = answer as { readonly drops: readonly { readonly sentence: string }[] }
  return { drops: drops.map(({ sentence }) => sentence), explained }
}

it('At most three drops are explained, and after five seconds no further one: the others say how far the hit rate fell.', async () => {
  const fast = await dropsOf(10)
  expect(fast.drops.map(lastSentence)).toEqual(Array(3).fill('Because of a write.'))
  const slow = await dropsOf(3000)
  expect(slow.explained).toHaveLength(2)
  expect(slow.drops.slice(0, 2).map(lastSentence)).toEqual(Array(2).fill('Because of a write.'))
  expect(slow.drops[2]).toMatch(
    /^The field hit rate fell by \d+\.\d points, from 90\.0 % in the step of \S+Z to \d+\.\d % in the step of \S+Z \(steps of 1 minute\), and had recovered by \S+Z\.$/,
  )
})

it('A fall is explained from exactly the steps that the chart shows, and by writes that began in its first step or before it.', async () => {
  const { drops, explained } = await dropsOf(10)
  const [first] = explained
  const lastHigh = NOW - 106 * MINUTE_MS
  expect(first).toEqual({
    before: { from: lastHigh, to: lastHigh + MINUTE_MS },
    after: { from: lastHigh + MINUTE_MS, to: lastHigh + 2 * MINUTE_MS },
    writes: { from: lastHigh, to: lastHigh + 2 * MINUTE_MS },
    firstStep: { from: lastHigh + MINUTE_MS, to: lastHigh + 2 * MINUTE_MS },
    period: 'minute',
  })
  expect(drops[0]).toContain(`from 90.0 % in the step of ${new Date(lastHigh).toISOString()} to 31.5 %`)
})
