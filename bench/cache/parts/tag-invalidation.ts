import type { Contestant, OpenCache } from '../contestant.ts'
import { contestants } from '../contestants/index.ts'
import { type Row, rounded } from '../measure.ts'
import { type Conditions, type Part, usualTerms } from '../workload.ts'

const TAG = 'acme:Campaign[]'
const AT_ONCE = 500
/**
 * Time limit for filling the cache, ms. If the cache is not full after this time, the measurement uses only the entries that are cached so
 * far.
 */
const FILL_MS = 15_000
/** Maximum expected duration of an invalidation, ms. A measurement that is expected to take longer is left out. */
const MAX_MS = 10_000

/** Measures the invalidation of one tag. The number of entries with this tag increases from measurement to measurement. */
export const tagInvalidation: Part = {
  name: 'tag-invalidation',
  title: 'Invalidation of a tag carried by so many entries in memory, ms until it resolves',
  measure: async (conditions) => {
    const sizes = conditions.quick ? [1, 1000, 20_000] : [1, 1000, 100_000, 1_000_000]
    const rows: Row[] = []
    for (const contestant of contestants) {
      const row: Record<string, string | number> = { contestant: contestant.name }
      // The first measurement includes the compilation of the code, so its result is ignored.
      await measureOne(contestant, 10, conditions)
      let expectedMs = 0
      for (const [place, size] of sizes.entries()) {
        const column = size === 1 ? '1 entry' : `${size.toLocaleString('en')} entries`
        if (expectedMs > MAX_MS) {
          row[column] = 'not measured: more than ten seconds'
          continue
        }
        row[column] = await measureOne(contestant, size, conditions)
        // This estimate assumes that the duration grows in proportion to the number of entries.
        expectedMs = Number.parseFloat(row[column]) * ((sizes[place + 1] ?? size) / size)
      }
      row['1,000 entries, with Redis'] = await measureOne(contestant, 1000, conditions, 'redis')
      rows.push(row)
    }
    return rows
  },
}

async function measureOne(
  contestant: Contestant,
  size: number,
  { redisUrl }: Conditions,
  where: 'memory' | 'redis' = 'memory',
): Promise<string> {
  let version = 1
  const load = async (id: number) => ({ id, version })
  const cache = await contestant.open({
    ...usualTerms(redisUrl, `tags-${contestant.name}-${size}-${where}`, { load, loadMany: (ids) => Promise.all(ids.map(load)) }),
    tiers: where === 'memory' ? 'memory' : contestant.has.secondTier ? 'both' : 'redis',
    capacity: size + 1,
    tag: TAG,
  })
  try {
    if (!cache.invalidateTag) return 'has no tags'
    const held = await fill(cache, size)
    version = 2
    const start = performance.now()
    await cache.invalidateTag(TAG)
    const took = performance.now() - start
    for (const id of [0, held - 1]) {
      const { version: served } = (await cache.get(id)) as { readonly version: number }
      if (served !== version) return `${rounded(took)}, but the old value is served`
    }
    return held === size ? String(rounded(took)) : `${rounded(took)} (of ${held.toLocaleString('en')})`
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await cache.close()
  }
}

/** Fills the cache with entries. @returns the number of entries that the cache holds at the end. */
async function fill(cache: OpenCache, size: number): Promise<number> {
  const deadline = performance.now() + FILL_MS
  let held = 0
  while (held < size && performance.now() < deadline) {
    const ids = Array.from({ length: Math.min(AT_ONCE, size - held) }, (_, place) => held + place)
    if (cache.getMany) await cache.getMany(ids)
    else await Promise.all(ids.map((id) => cache.get(id)))
    held += ids.length
  }
  return held
}
