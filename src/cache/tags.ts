import { EVERYTHING_TAG } from './entity.ts'

const MOST_TAGS = 256

/**
 * All tags that can invalidate something tagged with `tags`: beside each tag its type's bulk tag and its tenant, since a large
 * change emits only these. With more than 256 of them, `tenant:Type~` (emitted by every change of the type) stands for the
 * fine ones.
 */
export function completeTags(tags: Iterable<string>): readonly string[] {
  const fine = new Set<string>()
  const coarse = new Set<string>()
  for (const tag of tags) {
    if (tag === EVERYTHING_TAG) continue
    fine.add(tag)
    const { tenant, type } = parseTag(tag)
    coarse.add(tenant)
    if (type !== undefined) coarse.add(`${tenant}:${type}*`)
  }
  if (fine.size + coarse.size <= MOST_TAGS) return [...new Set([...fine, ...coarse])]
  for (const tag of fine) {
    const { tenant, type } = parseTag(tag)
    if (type !== undefined) coarse.add(`${tenant}:${type}~`)
  }
  return [...coarse]
}

/** The types whose changes the tags stand for. */
export function typesOfTags(tags: readonly string[]): ReadonlySet<string> {
  const types = new Set<string>()
  for (const tag of tags) {
    const { type } = parseTag(tag)
    if (type !== undefined) types.add(type)
  }
  return types
}

function parseTag(tag: string): { tenant: string; type: string | undefined } {
  const colon = tag.indexOf(':')
  if (colon < 0) return { tenant: tag, type: undefined }
  const end = tag.slice(colon + 1).search(/[^A-Za-z0-9]/)
  return { tenant: tag.slice(0, colon), type: end < 0 ? tag.slice(colon + 1) : tag.slice(colon + 1, colon + 1 + end) }
}
