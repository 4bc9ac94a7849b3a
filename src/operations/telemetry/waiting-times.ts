import { DurationWindow, type Percentiles } from './duration-window.ts'

/**
 * Things that a process waits for: commands of the cache to Redis, SQL statements, connections of the pool, and its own event loop. The delay of the
 * event loop is a part of all the others.
 */
export type Awaited = 'redis' | 'statement' | 'connection' | 'eventLoop'

/** Durations in the last minute, and what is usual. */
export interface WaitingTimes {
  readonly lastMinute: Percentiles
  /** The hour before the last one or two minutes, so that a fault of now is compared with the time before it. */
  readonly usual: Percentiles
}

const RECENT = { slotMs: 10_000, slots: 6 }
const USUAL = { slotMs: 60_000, slots: 62, skipped: 2 }

/** Measures how long this process waits for the servers that it uses. Counting takes well below a microsecond. */
export class WaitingMeter {
  readonly #now: () => number
  readonly #recent = windowsOf(RECENT)
  readonly #usual = windowsOf(USUAL)

  /** @param now Returns the time of a monotonic clock, ms. */
  constructor(now: () => number) {
    this.#now = now
  }

  observe(awaited: Awaited, ms: number): void {
    const now = this.#now()
    this.#recent[awaited].observe(ms, now)
    this.#usual[awaited].observe(ms, now)
  }

  times(): Readonly<Record<Awaited, WaitingTimes>> {
    const now = this.#now()
    const timesOf = (awaited: Awaited): WaitingTimes => ({
      lastMinute: this.#recent[awaited].percentiles(now),
      usual: this.#usual[awaited].percentiles(now, USUAL.skipped),
    })
    return { redis: timesOf('redis'), statement: timesOf('statement'), connection: timesOf('connection'), eventLoop: timesOf('eventLoop') }
  }
}

function windowsOf({ slotMs, slots }: { readonly slotMs: number; readonly slots: number }): Readonly<Record<Awaited, DurationWindow>> {
  const create = () => new DurationWindow(slotMs, slots)
  return { redis: create(), statement: create(), connection: create(), eventLoop: create() }
}
