import type { Invalidation } from '../../../../src/operations/admin/contract.ts'

/** Cost of one cause, such as a mutation, in the rows that are shown. */
export interface CauseCost {
  readonly cause: string
  readonly writes: number
  readonly tags: number
  readonly worstLagMs: number | null
}

export interface TagCount {
  readonly tag: string
  readonly writes: number
  /** Cause of most of the rows with the tag. */
  readonly mainCause: string
}

export const UNKNOWN_CAUSE = 'a write of unknown cause'

/** Returns what each cause cost, those that emitted most tags first. */
export function costsByCause(rows: readonly Invalidation[]): CauseCost[] {
  const costs = new Map<string, CauseCost>()
  for (const { causes, tagCount, lagMs } of rows) {
    for (const cause of namesOf(causes)) {
      const before = costs.get(cause) ?? { cause, writes: 0, tags: 0, worstLagMs: null }
      costs.set(cause, {
        cause,
        writes: before.writes + 1,
        tags: before.tags + tagCount,
        worstLagMs: lagMs === null ? before.worstLagMs : Math.max(before.worstLagMs ?? 0, lagMs),
      })
    }
  }
  return [...costs.values()].sort((a, b) => b.tags - a.tags || b.writes - a.writes)
}

/** Returns the tags that were invalidated most often. */
export function topTags(rows: readonly Invalidation[], limit: number): TagCount[] {
  const counts = new Map<string, Map<string, number>>()
  for (const { causes, tags } of rows) {
    const [cause = UNKNOWN_CAUSE] = causes
    for (const tag of tags) {
      const ofTag = counts.get(tag) ?? new Map<string, number>()
      ofTag.set(cause, (ofTag.get(cause) ?? 0) + 1)
      counts.set(tag, ofTag)
    }
  }
  return [...counts]
    .map(([tag, causes]) => ({
      tag,
      writes: [...causes.values()].reduce((sum, count) => sum + count, 0),
      mainCause: [...causes].reduce((most, next) => (next[1] > most[1] ? next : most))[0],
    }))
    .sort((a, b) => b.writes - a.writes || a.tag.localeCompare(b.tag))
    .slice(0, limit)
}

function namesOf(causes: readonly string[]): readonly string[] {
  return causes.length === 0 ? [UNKNOWN_CAUSE] : causes
}
