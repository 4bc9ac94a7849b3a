import { EVERYTHING_TAG } from './entity.ts'

const MAX_TAGS = 256

/**
 * Returns all tags that can invalidate an entry tagged with `tags`. For each tag, the result also contains the tag of the tenant, because
 * the invalidation of a whole tenant emits only that tag. For each tag that names a type (such as `tenant:Type:id` or `tenant:Type[]`), the
 * result also contains the bulk tag of the type (`tenant:Type*`), because a change of very many rows emits the bulk tag instead of the tags
 * of rows and lists. If there are more than 256 tags, `tenant:Type~` (emitted by every change of the type) replaces the tags of rows and
 * lists. Free tags are kept in any case, because no other tag can replace them.
 */
export function completeTags(tags: Iterable<string>): readonly string[] {
  const fine = new Set<string>()
  const coarse = new Set<string>()
  for (const tag of tags) {
    if (tag === EVERYTHING_TAG) continue
    const { tenant, type } = parseTag(tag)
    coarse.add(tenant)
    if (isFree(tag)) coarse.add(tag)
    else fine.add(tag)
    if (type !== undefined) coarse.add(`${tenant}:${type}*`)
  }
  if (fine.size + coarse.size <= MAX_TAGS) return [...new Set([...fine, ...coarse])]
  for (const tag of fine) {
    const { tenant, type } = parseTag(tag)
    if (type !== undefined) coarse.add(`${tenant}:${type}~`)
  }
  return [...coarse]
}

/** Returns the names of the types that occur in the tags. */
export function typesOfTags(tags: readonly string[]): ReadonlySet<string> {
  const types = new Set<string>()
  for (const tag of tags) {
    const { type } = parseTag(tag)
    if (type !== undefined) types.add(type)
  }
  return types
}

function isFree(tag: string): boolean {
  return tag.includes(':#')
}

function parseTag(tag: string): { tenant: string; type: string | undefined } {
  const colon = tag.indexOf(':')
  if (colon < 0) return { tenant: tag, type: undefined }
  if (tag[colon + 1] === '#') return { tenant: tag.slice(0, colon), type: undefined }
  const end = tag.slice(colon + 1).search(/[^A-Za-z0-9]/)
  return { tenant: tag.slice(0, colon), type: end < 0 ? tag.slice(colon + 1) : tag.slice(colon + 1, colon + 1 + end) }
}
