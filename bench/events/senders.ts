import { setTimeout as pause } from 'node:timers/promises'
import type { NewEvent } from '#src/market/modules/analytics/insert-events.ts'
import { quantile } from '../cache/measure.ts'

export interface Figures {
  readonly eventsPerSecond: number
  /** Median time from the moment at which a request is due until the request is acknowledged, ms. */
  readonly p50: number
  readonly p99: number
}

type Send = (events: NewEvent[]) => Promise<unknown>

/** Sends requests of `size` events at a steady rate. A request that is not acknowledged yet does not delay the next request. */
export async function atRate(send: Send, draw: (count: number) => NewEvent[], size: number, perMinute: number, forMs: number) {
  const startedAt = performance.now()
  const latencies: number[] = []
  const sending: Promise<void>[] = []
  for (let dueAt = startedAt; dueAt < startedAt + forMs; dueAt += (size / perMinute) * 60_000) {
    const early = dueAt - performance.now()
    if (early > 0) await pause(early)
    const due = dueAt
    sending.push(send(draw(size)).then(() => void latencies.push(performance.now() - due)))
  }
  await Promise.all(sending)
  return figures(latencies, size, performance.now() - startedAt)
}

/** Runs several senders concurrently. Each sender sends its next request as soon as its previous request is acknowledged. */
export async function asFastAsPossible(send: Send, draw: (count: number) => NewEvent[], size: number, senders: number, forMs: number) {
  const startedAt = performance.now()
  const latencies: number[] = []
  const run = async () => {
    while (performance.now() < startedAt + forMs) {
      const sentAt = performance.now()
      await send(draw(size))
      latencies.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: senders }, run))
  return figures(latencies, size, performance.now() - startedAt)
}

function figures(latencies: readonly number[], size: number, tookMs: number): Figures {
  return { eventsPerSecond: (latencies.length * size * 1000) / tookMs, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}
