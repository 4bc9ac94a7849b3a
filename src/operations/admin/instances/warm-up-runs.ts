import type { WarmUpReason } from '../../warming/warm-up.ts'
import type { WarmingEvent } from '../../warming/warming.ts'

/** A warm-up that has ended. */
export interface WarmUpRun {
  /** ISO 8601, in UTC. */
  readonly startedAt: string
  readonly endedAt: string
  readonly reason: WarmUpReason
  /** Operations that were executed or already cached. */
  readonly warmed: number
  /** Operations that were refused or failed. */
  readonly failed: number
  /**
   * Time from the start until {@link RECOVERED} of the share of cached answers before it, ms; null if it has not come yet, or if too few
   * answers were counted before.
   */
  readonly recoveredMs: number | null
}

export interface WarmUpRunsOptions {
  /** Current time, Unix epoch ms. */
  readonly now: () => number
  /** Returns how many answers were cached since the start of the process, of those that could have been. */
  readonly shareOfHits: () => { readonly hits: number; readonly answers: number }
}

/** Counts of answers at one moment, since the start of the process. */
interface Sample {
  readonly at: number
  readonly hits: number
  readonly answers: number
}

interface Watched {
  readonly startedAt: number
  /** Share of cached answers in the time before the start; null if there were too few. */
  readonly before: number | null
  run: WarmUpRun | undefined
  recoveredMs: number | null
  /** Sample from which the next share is computed. */
  since: Sample
}

const MAX_RUNS = 5
/** Share of the earlier hit rate at which the cache counts as warm again. */
const RECOVERED = 0.9
const BEFORE_MS = 60_000
/** Time after which nobody waits for the recovery any more, ms. */
const MAX_WAIT_MS = 600_000
/** Minimum number of answers for a share. Fewer say too little. */
const MIN_ANSWERS = 20

/**
 * Records the last warm-ups of this process, and when the share of cached answers was back. It must be sampled regularly: the time of a
 * recovery is as exact as the samples are frequent.
 */
export class WarmUpRuns {
  readonly #options: WarmUpRunsOptions
  #samples: Sample[] = []
  #watched: Watched[] = []

  constructor(options: WarmUpRunsOptions) {
    this.#options = options
  }

  onWarmingEvent(event: WarmingEvent): void {
    const now = this.#options.now()
    if (event.type === 'started') {
      const since = this.#current(now)
      const before = this.#samples.find(({ at }) => at >= now - BEFORE_MS)
      this.#watched.unshift({
        startedAt: now,
        before: before ? shareBetween(before, since) : null,
        run: undefined,
        recoveredMs: null,
        since,
      })
      this.#watched = this.#watched.slice(0, MAX_RUNS)
    } else if (event.type === 'finished') {
      const watched = this.#watched.find(({ run }) => run === undefined)
      const { done, reason } = event.progress
      if (!watched || !reason) return
      watched.run = {
        startedAt: new Date(watched.startedAt).toISOString(),
        endedAt: new Date(now).toISOString(),
        reason,
        warmed: done.executed + done.cached,
        failed: done.refused + done.failed,
        recoveredMs: null,
      }
    }
  }

  /** Notes how many answers were cached so far. */
  sample(): void {
    const now = this.#options.now()
    const current = this.#current(now)
    for (const watched of this.#watched) {
      const { before, startedAt, since } = watched
      if (before === null || watched.recoveredMs !== null || now - startedAt > MAX_WAIT_MS) continue
      const share = shareBetween(since, current)
      if (share === null) continue
      if (share >= RECOVERED * before) watched.recoveredMs = now - startedAt
      watched.since = current
    }
    this.#samples = [...this.#samples.filter(({ at }) => at >= now - BEFORE_MS), current]
  }

  /** Returns the warm-ups that have ended, newest first. */
  runs(): readonly WarmUpRun[] {
    return this.#watched.flatMap(({ run, recoveredMs }) => (run ? [{ ...run, recoveredMs }] : []))
  }

  #current(at: number): Sample {
    return { at, ...this.#options.shareOfHits() }
  }
}

function shareBetween(earlier: Sample, later: Sample): number | null {
  const answers = later.answers - earlier.answers
  return answers < MIN_ANSWERS ? null : (later.hits - earlier.hits) / answers
}
