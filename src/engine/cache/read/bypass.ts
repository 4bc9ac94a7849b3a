import type { CacheRequest, LoadMany, Outcome, ReadOptions } from '../model/read.ts'

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
      ageMs: 0,
      ttlMs: 0,
      until: Number.POSITIVE_INFINITY,
      tags: [],
      reason: 'the cache is off',
    } satisfies Outcome)
    return outcome.value
  })
}
