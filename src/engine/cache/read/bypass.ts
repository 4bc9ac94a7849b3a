import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import type { MissCause } from '../model/miss.ts'
import type { CacheRequest, LoadMany, Outcome, ReadOptions } from '../model/read.ts'
import type { RepeatedValues } from './repeated-values.ts'

/** Name and count of the values of a load past the cache, for its events. */
export interface PastCache {
  readonly policy: string
  readonly cause: Extract<MissCause, 'bypassed' | 'not cacheable'>
  readonly count: number
  /** Returns the request that a value would have with a policy. Default: it is not followed whether the values repeat. */
  readonly requestOf?: ((index: number) => CacheRequest) | undefined
}

export interface PastOptions {
  readonly env: Env
  readonly repeats: Pick<RepeatedValues, 'uncached' | 'loadStart'>
  readonly onEvent: CacheListener
}

/** Runs a load past the cache, and reports it in the same events as a read through the cache. */
export async function loadPastCache<Result>(
  { policy, cause, count, requestOf }: PastCache,
  load: () => Promise<readonly (Result | Error)[]>,
  { env, repeats, onEvent }: PastOptions,
): Promise<readonly (Result | Error)[]> {
  const startedAt = env.monotonic()
  const start = repeats.loadStart()
  let failed = count
  try {
    const results = await load()
    failed = results.filter((result) => result instanceof Error).length
    if (requestOf) for (const [index, result] of results.entries()) repeats.uncached(policy, () => requestOf(index), valueIn(result), start)
    return results
  } finally {
    onEvent({ type: 'load', policy, count, failed, durationMs: env.monotonic() - startedAt })
    if (failed < count) onEvent({ type: 'read', policy, layer: 'origin', count: count - failed, savedMs: 0 })
    if (failed > 0) onEvent({ type: 'read', policy, layer: 'failed', count: failed, savedMs: 0 })
    onEvent({ type: 'miss', policy, cause, count })
  }
}

/** Returns the value of a {@link Loaded}; any other result as it is. */
function valueIn(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'value' in result ? result.value : result
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
