import { bulkTag, type Entity, EVERYTHING_TAG, tenantTag } from './entity.ts'
import type { CacheKey } from './key.ts'

/** What an operator or another system wants gone: tags, one key, a type or types of a tenant (`Camp*`), a tenant, everything. */
export type InvalidationTarget =
  | readonly string[]
  | { readonly key: CacheKey }
  | { readonly tenant: string; readonly type?: string }
  | 'everything'

/**
 * The tags that stand for a target.
 * @throws RangeError for a type or pattern that fits no declared type; it names those that there are.
 */
export function tagsOfTarget(target: InvalidationTarget, entities: readonly Entity[]): readonly string[] {
  if (target === 'everything') return [EVERYTHING_TAG]
  if (isTags(target)) return target
  if ('key' in target) return [target.key.text]
  const { tenant, type } = target
  if (type === undefined) return [tenantTag(tenant)]
  const pattern = new RegExp(`^${type.replaceAll(/[^A-Za-z0-9*]/g, '').replaceAll('*', '.*')}$`)
  const matching = entities.filter((entity) => pattern.test(entity.type))
  if (matching.length === 0) {
    const known = entities.map((entity) => entity.type).join(', ')
    throw new RangeError(`No type fits ${JSON.stringify(type)}: there are ${known || 'none'}.`)
  }
  return matching.map((entity) => bulkTag(entity, tenant))
}

function isTags(target: InvalidationTarget): target is readonly string[] {
  return Array.isArray(target)
}
