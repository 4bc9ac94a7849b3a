import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '#src/market/seed/random.ts'
import type { FloodTenant } from './flood-data.ts'
import type { CountedEvents, Gateways } from './gateways.ts'
import type { Ledger } from './ledger.ts'

/** Staleness bound of the cache for readers without a consistency token, ms. */
const STALENESS_BOUND_MS = 1000
const PAUSE_MS = 100

export interface ReaderFigures {
  readonly reads: number
  readonly hits: number
  readonly failed: number
  /** Sentences about answers that counted too few or too many events. */
  readonly problems: readonly string[]
}

export interface ReaderOptions {
  readonly gateways: Gateways
  readonly tenants: readonly FloodTenant[]
  readonly ledger: Ledger
  readonly random: Random
  readonly from: string
}

/**
 * Reads the event counts of tenants through the cache until the reader is stopped, and compares each count with the
 * events that were sent and acknowledged.
 */
export function startReader(options: ReaderOptions): { stop(): Promise<ReaderFigures> } {
  const { gateways, tenants, ledger, random, from } = options
  const problems: string[] = []
  const counts = { reads: 0, hits: 0, failed: 0 }
  let isOver = false
  const run = async () => {
    for (; !isOver; await pause(PAUSE_MS)) {
      const { name } = random.pick(tenants)
      const least = ledger.acknowledgedBy(performance.now() - STALENESS_BOUND_MS, name)
      try {
        const counted = await gateways.countEvents(gateways.pick(random), name, from)
        counts.reads++
        if (counted.isHit) counts.hits++
        const total = totalOf(counted)
        const most = ledger.begunOf(name)
        if (total > most || (total < least && !counted.isStale))
          problems.push(`during the flood ${name} had ${total} events, expected ${least} to ${most}`)
      } catch {
        counts.failed++
      }
    }
  }
  const running = run()
  return {
    stop: async () => {
      isOver = true
      await running
      return { ...counts, problems }
    },
  }
}

function totalOf({ byKind }: CountedEvents): number {
  return [...byKind.values()].reduce((sum, count) => sum + count, 0)
}
