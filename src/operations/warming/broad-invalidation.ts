import { EVERYTHING_TAG, PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'

/** Tenants whose entries broad invalidations covered. `everybody` means all tenants and the anonymous callers. */
export type Affected = 'everybody' | ReadonlySet<string>

/**
 * Returns the tenants whose responses a broad invalidation covers. An invalidation is broad if it covers everything, a whole tenant, or a
 * bulk change of a type (a statement that changed very many rows). If it covers public entries, it affects every tenant, because the
 * responses of every tenant may contain public entries. Returns undefined for any other event.
 */
export function broadlyAffected(event: CacheEvent): Affected | undefined {
  if (event.type === 'reset' || event.type === 'epoch') return 'everybody'
  if (event.type !== 'invalidated') return undefined
  const tenants = new Set<string>()
  for (const tag of event.tags) {
    if (tag === EVERYTHING_TAG) return 'everybody'
    const colon = tag.indexOf(':')
    if (colon < 0) tenants.add(tag)
    else if (isBulk(tag, colon)) tenants.add(tag.slice(0, colon))
  }
  if (tenants.has(PUBLIC_TENANT)) return 'everybody'
  return tenants.size > 0 ? tenants : undefined
}

/**
 * Returns whether the tag is `tenant:Type*`, which a bulk change of a type emits. The tag of a key or a row may also end with a star. Such
 * a tag has more than the name of a type between the colon and the star.
 */
function isBulk(tag: string, colon: number): boolean {
  return tag.endsWith('*') && /^[A-Za-z0-9]+\*$/.test(tag.slice(colon + 1))
}

/** Joins two sets of affected tenants. */
export function join(a: Affected | undefined, b: Affected): Affected {
  if (a === undefined) return b
  return a === 'everybody' || b === 'everybody' ? 'everybody' : a.union(b)
}
