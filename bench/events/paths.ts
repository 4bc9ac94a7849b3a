import { drawEvents, type EventMarket, openRecorder, TENANT } from './market.ts'
import { asFastAsPossible, atRate, type Figures } from './senders.ts'
import { startStream } from './stream.ts'

const PER_MINUTE = 100_000
const SIZES = [10, 100, 1000]
const DELAYS_MS = [5, 25]
const SENDERS = 16

/**
 * Measures two ways to store and count the events of requests: commits that many requests share, and a Redis Stream. Each way is measured
 * at 100,000 events per minute and at its maximum rate. Returns a Markdown table.
 */
export async function measurePaths(market: EventMarket, windowMs: number): Promise<string> {
  const draw = (count: number) => drawEvents(market.campaigns, count)
  const rows: string[] = []
  const row = (path: string, size: number, rated: Figures, fastest: Figures, lag: string) =>
    rows.push(
      `| ${path} | ${size} | ${rated.p50.toFixed(1)} / ${rated.p99.toFixed(1)} | ${Math.round(fastest.eventsPerSecond).toLocaleString('en')} | ${fastest.p50.toFixed(0)} / ${fastest.p99.toFixed(0)} | ${lag} |`,
    )
  for (const size of SIZES) {
    for (const delayMs of DELAYS_MS) {
      const recorder = openRecorder(market, delayMs)
      const send = (events: Parameters<typeof recorder.record>[1]) => recorder.record(TENANT, events)
      const rated = await atRate(send, draw, size, PER_MINUTE, windowMs)
      const fastest = await asFastAsPossible(send, draw, size, SENDERS, windowMs)
      await recorder.drain()
      row(`commits, delay of ${delayMs} ms`, size, rated, fastest, '–')
    }
    const rated = await measureStream(market, (send) => atRate(send, draw, size, PER_MINUTE, windowMs))
    const fastest = await measureStream(market, (send) => asFastAsPossible(send, draw, size, SENDERS, windowMs))
    row('Redis Stream, appendfsync always', size, rated.figures, fastest.figures, rated.lag)
  }
  return [
    '| path | events a call | 100,000 a minute: acknowledged after ms, p50 / p99 | most events/s, 16 senders | acknowledged after ms, p50 / p99 | counted later, at 100,000 a minute, ms, p50 / p99 |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/**
 * Measures the Redis Stream. The measurement ends when all events are in the database. So events that only pile up in Redis do not raise
 * the measured rate.
 */
async function measureStream(
  market: EventMarket,
  run: (send: Parameters<typeof atRate>[0]) => Promise<Figures>,
): Promise<{ readonly figures: Figures; readonly lag: string }> {
  const stream = await startStream(market)
  let sent = 0
  const startedAt = performance.now()
  try {
    const figures = await run((events) => {
      sent += events.length
      return stream.send(events)
    })
    const { p50, p99 } = await stream.drain()
    const eventsPerSecond = (sent * 1000) / (performance.now() - startedAt)
    return { figures: { ...figures, eventsPerSecond }, lag: `${p50.toFixed(0)} / ${p99.toFixed(0)}` }
  } finally {
    await stream.stop()
  }
}
