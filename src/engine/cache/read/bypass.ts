import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import type { MissCause } from '../model/miss.ts'
import type { CacheRequest, LoadMany, Outcome, ReadOptions } from '../model/read.ts'

/** Name and count of the values of a load past the cache, for its events. */
export interface PastCache {
  readonly policy: string
  readonly cause: Extract<MissCause, 'bypassed' | 'not cacheable'>
  readonly count: number
}

/** Runs a load past the cache, and reports it in the same events as a read through the cache. */
export async function loadPastCache<Result>(
  { policy, cause, count }: PastCache,
  load: () => Promise<readonly (Result | Error)[]>,
  env: Env,
  onEvent: CacheListener,
): Promise<readonly (Result | Error)[]> {
  const startedAt = env.monotonic()
  let failed = count
  try {
    const results = await load()
    failed = results.filter((result) => result instanceof Error).length
    return results
  } finally {
    onEvent({ type: 'load', policy, count, failed, durationMs: env.monotonic() - startedAt })
    if (failed < count) onEvent({ type: 'read', policy, layer: 'origin', count: count - failed, savedMs: 0 })
    if (failed > 0) onEvent({ type: 'read', policy, layer: 'failed', count: failed, savedMs: 0 })
    onEvent({ type: 'miss', policy, cause, count })
  }
}

/** Reads everything from the source, while the cache is off. */
export async function bypassCache<Value>(
  requests: readonly CacheRequest[],
  load: LoadMany<Value>,
  { observe, signal }: ReadOptions,
): Promise<readonly (Value | Error)[]> {
  const loaded = await load(
    requests.map((_, index) => index),
    signal ?? new AbortController().signal,
  )
  return loaded.map((outcome, index) => {
    if (outcome instanceof Error) return outcome
    observe?.(index, {
      layer: 'origin',
      costMs: 0,
      ageMs: 0,
      ttlMs: 0,
      until: Number.POSITIVE_INFINITY,
      tags: [],
      reason: 'the cache is off',
      cause: 'bypassed',
    } satisfies Outcome)
    return outcome.value
  })
}
