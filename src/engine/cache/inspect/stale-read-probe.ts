import type { Coherence } from '../log/coherence.ts'
import type { Entry } from '../model/entry.ts'
import type { Env, Timer } from '../model/env.ts'
import type { CacheListener, ProbeOutcome } from '../model/events.ts'
import { canonicalJson, type Json } from '../model/key.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest, LoadMany } from '../model/read.ts'

export interface StaleReadProbeOptions {
  readonly env: Env
  /** Share of the reads that are sampled, 0 to 1. */
  readonly rate: number
  readonly coherence: Coherence
  /** Returns the copies that would be served for a request now: those in this process and in the shared tier. */
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

const MAX_SAMPLES = 16
export const PROBED_AFTER_MS: readonly number[] = [1000, 10_000, 60_000]

/**
 * Checks a random sample of reads for stale values. The checks run 1, 10 and 60 seconds after the value of a sampled read was invalidated.
 * A check compares the cached copies that would be served with a newly loaded value. If a copy differs, the copy must be invalid after a
 * new sync of the invalidation log. Otherwise the outcome is `stale`. This should never happen, so the outcome `stale` is an alarm. (After
 * Meta's Polaris: Cache made consistent, 2022.)
 */
export class StaleReadProbe {
  readonly #options: StaleReadProbeOptions
  readonly #samples = new Map<string, Sample>()
  readonly #timers = new Set<Timer>()

  constructor(options: StaleReadProbeOptions) {
    this.#options = options
  }

  /**
   * Takes a read into the sample, with the configured probability.
   * @param index Index with which `load` loads the value of the request.
   */
  offer<Value>(request: CacheRequest, index: number, policy: CachePolicy, load: LoadMany<Value>): void {
    const { env, rate, coherence } = this.#options
    if (this.#samples.size + this.#timers.size >= MAX_SAMPLES || env.random() >= rate) return
    this.#samples.set(request.key.text, {
      request,
      policy,
      load: () => load([index], new AbortController().signal),
      slots: coherence.slots([...request.tags, request.key.text]),
      stamp: coherence.clock,
    })
  }

  /**
   * Called after new rows of the invalidation log were applied. Schedules the checks of the sampled reads whose values these rows
   * invalidated.
   */
  logApplied(): void {
    const { env, coherence } = this.#options
    for (const [key, sample] of this.#samples) {
      if (coherence.isCurrent(coherence.epoch, sample.stamp, sample.slots)) continue
      this.#samples.delete(key)
      for (const afterMs of PROBED_AFTER_MS) {
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
      // The load or the sync of the log failed, so no comparison is possible.
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

/** Returns the canonical JSON of a value: values are compared in the form in which the shared tier stores them. */
function json(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value ?? null)) as Json)
}
