import type { Coherence } from './coherence.ts'
import type { Entry } from './entry.ts'
import type { Env, Timer } from './env.ts'
import type { CacheListener, ProbeOutcome } from './events.ts'
import { canonicalJson, type Json } from './key.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, LoadMany } from './read.ts'

export interface StaleReadProbeOptions {
  readonly env: Env
  /** Share of the reads that are followed, 0 to 1. */
  readonly rate: number
  readonly coherence: Coherence
  /** What any instance would serve of a key now: this process's copy and the shared tier's. */
  readonly kept: (request: CacheRequest, policy: CachePolicy) => Promise<readonly Entry[]>
  readonly onEvent: CacheListener
}

interface Sample {
  readonly request: CacheRequest
  readonly policy: CachePolicy
  readonly load: () => ReturnType<LoadMany<unknown>>
  readonly slots: Uint32Array
  readonly stamp: number
}

const MOST_SAMPLES = 16
const CHECKED_AFTER_MS = [1000, 10_000, 60_000]

/**
 * Follows a few of the reads that are made: when one of them is invalidated, looks some time later whether the cache holds
 * anything that differs from the source although no invalidation is to come. That never happens, so a `stale` outcome is an
 * alarm. (After Meta's Polaris: Cache made consistent, 2022.)
 */
export class StaleReadProbe {
  readonly #options: StaleReadProbeOptions
  readonly #samples = new Map<string, Sample>()
  readonly #timers = new Set<Timer>()

  constructor(options: StaleReadProbeOptions) {
    this.#options = options
  }

  /** Perhaps takes up the read of the request at `index`. */
  offer<Value>(request: CacheRequest, index: number, policy: CachePolicy, load: LoadMany<Value>): void {
    const { env, rate, coherence } = this.#options
    if (this.#samples.size + this.#timers.size >= MOST_SAMPLES || env.random() >= rate) return
    this.#samples.set(request.key.text, {
      request,
      policy,
      load: () => load([index], new AbortController().signal),
      slots: coherence.slots([...request.tags, request.key.text]),
      stamp: coherence.clock,
    })
  }

  /** To be called when rows of the log were applied. */
  logApplied(): void {
    const { env, coherence } = this.#options
    for (const [key, sample] of this.#samples) {
      if (coherence.isCurrent(coherence.epoch, sample.stamp, sample.slots)) continue
      this.#samples.delete(key)
      for (const afterMs of CHECKED_AFTER_MS) {
        const timer = env.setTimer(() => {
          this.#timers.delete(timer)
          void this.#check(sample, afterMs)
        }, afterMs)
        this.#timers.add(timer)
      }
    }
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#samples.clear()
  }

  async #check(sample: Sample, afterMs: number): Promise<void> {
    const { policy } = sample
    try {
      this.#options.onEvent({ type: 'probe', policy: policy.name, afterMs, outcome: await this.#compare(sample) })
    } catch {
      // The source or the log cannot be reached: there is nothing to compare with.
    }
  }

  async #compare({ request, policy, load }: Sample): Promise<ProbeOutcome> {
    const { coherence, kept } = this.#options
    const entries = await kept(request, policy)
    if (entries.length === 0) return 'absent'
    const [source] = await load()
    if (!source || source instanceof Error) throw source ?? new Error('The load gave nothing.')
    await coherence.barrier()
    const differing = entries.filter((entry) => json(entry.value) !== json(source.value))
    return differing.some((entry) => coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) ? 'stale' : 'current'
  }
}

/** What is kept is JSON, whatever the source's values are. */
function json(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value ?? null)) as Json)
}
