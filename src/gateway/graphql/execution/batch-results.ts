import type { Loaded } from '../../../engine/cache/model/read.ts'
import { Expiring } from '../../contract/module.ts'

/**
 * Converts the results of a function that loads a batch to the form that the cache expects.
 * @param discard Whether the values must not be cached.
 * @throws TypeError if the number of results differs from the number of keys. A value would then reach the wrong parent.
 */
export function checkedBatch<Value>(
  name: string,
  results: readonly (Value | Expiring<Value> | Error)[],
  expected: number,
  discard: boolean,
): readonly (Loaded<Value> | Error)[] {
  if (!Array.isArray(results) || results.length !== expected) {
    throw new TypeError(
      `${name}: the batch function was asked for ${expected} values and gave ${Array.isArray(results) ? results.length : typeof results}.`,
    )
  }
  return results.map((result) => {
    if (result instanceof Error) return result
    if (result === undefined) return new TypeError(`${name}: the batch function gave undefined; give null for what is known to be absent.`)
    const kept = discard ? { ttlMs: 0 } : {}
    return result instanceof Expiring ? { value: result.value, until: result.until, ...kept } : { value: result, ...kept }
  })
}
