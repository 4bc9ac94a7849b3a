import { EVERYTHING_KEY } from '../../gateway/responses/surrogate-keys.ts'

const EVERYTHING: ReadonlySet<string> = new Set([EVERYTHING_KEY])

/**
 * Returns the keys of both sets. If one of them contains the key of everything, or the result has more than `max` keys, returns the key of
 * everything alone, which every public response has.
 */
export function coalesced(a: ReadonlySet<string>, b: ReadonlySet<string>, max: number): ReadonlySet<string> {
  if (a.has(EVERYTHING_KEY) || b.has(EVERYTHING_KEY)) return EVERYTHING
  const keys = a.union(b)
  return keys.size > max ? EVERYTHING : keys
}

/** Divides the keys into lists of at most `size` keys. */
export function batchesOf(keys: ReadonlySet<string>, size: number): readonly (readonly string[])[] {
  const all = [...keys]
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))
}
