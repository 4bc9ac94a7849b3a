import { hash } from 'node:crypto'
import { EVERYTHING_TAG, MANAGEMENT_TAG, PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import { completeTags } from '../../engine/cache/model/tags.ts'

/**
 * Maximum length of all keys of a response with the separators, bytes. They are sent in two headers, and the head of a response must fit
 * into the smallest buffer of common proxies, which is 4 KB.
 */
const MAX_KEY_BYTES = 1024
/** Number of keys of one row of the log above which everything is purged. */
const MAX_PURGED_KEYS = 5000
const BULK_TAG = /^[A-Z][A-Za-z0-9]*\*$/
const TYPE_OF_TAG = /^[A-Z][A-Za-z0-9]*/

/** Key of every public response. Purging it purges everything. */
export const EVERYTHING_KEY = PUBLIC_TENANT

/**
 * Returns the keys by which a cache outside the gateway can purge a public response: a key for each tag that can invalidate it. Coarse keys
 * are readable and come first: `public` for everything, `Campaign` for all responses with a type, and `tag-prices` for a free tag. The key of
 * a row or a list is a short hash. If the keys exceed the size limit, the keys of rows and lists are replaced by one key for each type, which
 * every change of the type purges. Returns undefined if even these keys exceed the limit, or if a tag belongs to a tenant. Such a response
 * must not be stored outside the gateway, because a purge would not reach it, or because it is not public.
 */
export function surrogateKeys(tags: readonly string[]): readonly string[] | undefined {
  const complete = completeTags([PUBLIC_TENANT, ...tags])
  if (!complete.every(isPublic)) return undefined
  const fine = keysOf(complete)
  if (fits(fine)) return fine
  const types = new Set(complete.flatMap((tag) => typeOf(tag) ?? []))
  const coarse = keysOf([...complete.filter(isCoarse), ...[...types].map((type) => `${PUBLIC_TENANT}:${type}~`)])
  return fits(coarse) ? coarse : undefined
}

/** Whether {@link purgedKeys} has a key for one of the tags. Tags of tenants and the tag of the management have none. */
export function havePurgedKeys(tags: readonly string[]): boolean {
  return tags.some((tag) => tag === EVERYTHING_TAG || mayBeStored(tag))
}

/**
 * Returns the keys of all public responses that these tags of the invalidation log invalidate; the key of everything alone if there are very
 * many. Tags of tenants and of the management have no keys, because no response with them is stored outside the gateway.
 */
export function purgedKeys(tags: readonly string[]): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const tag of tags) {
    if (tag === EVERYTHING_TAG || tag === PUBLIC_TENANT || keys.size > MAX_PURGED_KEYS) return new Set([EVERYTHING_KEY])
    if (!mayBeStored(tag)) continue
    keys.add(keyOf(tag))
    // An operator may invalidate a row alone. The responses with too many rows have only the key of the type.
    const type = typeOf(tag)
    if (type !== undefined && !isCoarse(tag)) keys.add(keyOf(`${PUBLIC_TENANT}:${type}~`))
  }
  return keys
}

function keysOf(tags: Iterable<string>): readonly string[] {
  const [coarse, fine] = [new Set<string>(), new Set<string>()]
  for (const tag of tags) (isCoarse(tag) ? coarse : fine).add(keyOf(tag))
  return [...coarse, ...fine]
}

function keyOf(tag: string): string {
  if (tag === PUBLIC_TENANT) return EVERYTHING_KEY
  const name = tag.slice(PUBLIC_TENANT.length + 1)
  if (name.startsWith('#')) return `tag-${name.slice(1)}`
  // A readable key never begins with a digit. The hash is hexadecimal, because some CDNs ignore the case of keys.
  return BULK_TAG.test(name) ? name.slice(0, -1) : `0${hash('sha256', tag).slice(0, 10)}`
}

function fits(keys: readonly string[]): boolean {
  return keys.reduce((bytes, key) => bytes + key.length + 1, 0) <= MAX_KEY_BYTES
}

/** Whether a response with the tag may be stored outside the gateway. */
function mayBeStored(tag: string): boolean {
  return isPublic(tag) && tag !== MANAGEMENT_TAG
}

function isPublic(tag: string): boolean {
  return tag === PUBLIC_TENANT || tag.startsWith(`${PUBLIC_TENANT}:`)
}

/** Whether the tag stands for everything, for all values of a type, or is a free tag. */
function isCoarse(tag: string): boolean {
  const name = tag.slice(PUBLIC_TENANT.length + 1)
  return tag === PUBLIC_TENANT || name.startsWith('#') || BULK_TAG.test(name)
}

function typeOf(tag: string): string | undefined {
  return TYPE_OF_TAG.exec(tag.slice(PUBLIC_TENANT.length + 1))?.[0]
}
