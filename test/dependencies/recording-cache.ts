import { Cache } from '../../src/cache/cache.ts'
import type { CacheOptions } from '../../src/cache/cache-options.ts'
import type { CachePolicy } from '../../src/cache/policy.ts'
import type { CacheRequest, Loaded, LoadMany, ReadOptions } from '../../src/cache/read.ts'

/** One value that was read through the cache, and how to load it again. */
export interface RecordedRead {
  readonly request: CacheRequest
  readonly policy: CachePolicy
  /** Those of one batch share it. */
  readonly load: LoadMany<unknown>
  /** The request's place in the batch. */
  readonly index: number
}

/** Remembers each value that is read, by its key. Answers as a whole are left out: they are made of the others. */
export class RecordingCache extends Cache {
  readonly reads = new Map<string, RecordedRead>()
  /** What was read, by the key's namespace. */
  readonly values = new Map<string, unknown[]>()
  readonly #moment: number

  /** @param moment The time of all loads, Unix epoch ms: what they give must be comparable. */
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

/** What a load gave, as text, with errors by their messages. */
export function textOf(loaded: Loaded<unknown> | Error | undefined): string {
  return loaded instanceof Error ? `error: ${loaded.message}` : JSON.stringify([loaded?.value, loaded?.until])
}
