import { Cache } from '#src/engine/cache/cache.ts'
import type { CacheOptions } from '#src/engine/cache/cache-options.ts'
import type { CachePolicy } from '#src/engine/cache/model/policy.ts'
import type { CacheRequest, Loaded, LoadMany, ReadOptions } from '#src/engine/cache/model/read.ts'

/** One value that was read through the cache, and how to load the value again. */
export interface RecordedRead {
  readonly request: CacheRequest
  readonly policy: CachePolicy
  /** Loader that all reads of one batch share. */
  readonly load: LoadMany<unknown>
  /** Index of the request in the batch. */
  readonly index: number
}

/**
 * Remembers each value that is read, by its key. Whole responses are excluded, because they consist of values that are
 * recorded anyway.
 */
export class RecordingCache extends Cache {
  readonly reads = new Map<string, RecordedRead>()
  /** Keys that were read since the set was last cleared, those of whole answers included. */
  readonly asked = new Set<string>()
  /** Values that were read, by the namespace of their key. */
  readonly values = new Map<string, unknown[]>()
  readonly #moment: number

  /**
   * Creates a cache whose loads all see the same current time.
   * @param moment That time, Unix epoch ms. A fixed time makes the loaded values comparable.
   */
  constructor(options: CacheOptions, moment: number) {
    super(options)
    this.#moment = moment
  }

  override now(): number {
    return this.#moment
  }

  override async getMany<Value>(
    requests: readonly CacheRequest[],
    policy: CachePolicy,
    load: LoadMany<Value>,
    options: ReadOptions,
  ): Promise<readonly (Value | Error)[]> {
    for (const { key } of requests) this.asked.add(key.text)
    const values = await super.getMany(requests, policy, load, options)
    if (policy.composed) return values
    for (const [index, request] of requests.entries()) {
      if (this.reads.has(request.key.text)) continue
      this.reads.set(request.key.text, { request, policy, load, index })
      const [, namespace = ''] = request.key.text.split(':')
      const kept = this.values.get(namespace) ?? []
      if (!(values[index] instanceof Error)) this.values.set(namespace, [...kept, values[index]])
    }
    return values
  }
}

/** Formats the result of a load as text. An error is formatted as its message. */
export function textOf(loaded: Loaded<unknown> | Error | undefined): string {
  return loaded instanceof Error ? `error: ${loaded.message}` : JSON.stringify([loaded?.value, loaded?.until])
}
