import { bulkTag, type Entity, EVERYTHING_TAG, freeTag, tenantTag } from './entity.ts'
import type { CacheKey } from './key.ts'

/**
 * Target of an invalidation that an operator or another system requests: a list of tags, one cache key, a free tag of a tenant, some types
 * of a tenant, a whole tenant, or everything. A free tag is a tag that a loader gives to values. `type` is the name of a type, or a pattern
 * that matches such names (`Camp*`).
 */
export type InvalidationTarget =
  | readonly string[]
  | { readonly key: CacheKey }
  | { readonly tenant: string; readonly freeTag: string }
  | { readonly tenant: string; readonly type?: string }
  | 'everything'

/**
 * Returns the tags that invalidate a target.
 * @throws TypeError for a malformed free tag or tenant id.
 * @throws RangeError for a type or pattern that matches no declared type; the message lists the declared types.
 */
export function tagsOfTarget(target: InvalidationTarget, entities: readonly Entity[]): readonly string[] {
  if (target === 'everything') return [EVERYTHING_TAG]
  if (isTags(target)) return target
  if ('key' in target) return [target.key.text]
  if ('freeTag' in target) return [freeTag(target.tenant, target.freeTag)]
  const { tenant, type } = target
  if (type === undefined) return [tenantTag(tenant)]
  const pattern = new RegExp(`^${type.replaceAll(/[^A-Za-z0-9*]/g, '').replaceAll('*', '.*')}$`)
  const matching = entities.filter((entity) => pattern.test(entity.type))
  if (matching.length === 0) {
    const known = entities.map((entity) => entity.type).join(', ')
    throw new RangeError(`No declared type matches ${JSON.stringify(type)}. The declared types: ${known || 'none'}.`)
  }
  return matching.map((entity) => bulkTag(entity, tenant))
}

function isTags(target: InvalidationTarget): target is readonly string[] {
  return Array.isArray(target)
}
