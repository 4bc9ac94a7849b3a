import { hash } from 'node:crypto'
import { tenantTag } from './entity.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/** Key of a cached value. Made by {@link cacheKey} only, so that every key contains its tenant. */
export interface CacheKey {
  readonly tenant: string
  readonly text: string
}

/**
 * Pattern of a namespace (the kind of a value, such as `Campaign`): a name, and optionally `@` with a version or hash of the structure of
 * the values.
 */
const NAMESPACE = /^[A-Za-z][A-Za-z0-9_.]{0,79}(?:@[A-Za-z0-9_-]{1,22})?$/
const MAX_PLAIN_TEXT_LENGTH = 180
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/**
 * Builds the key of a cached value. The tenant, the namespace and the `parts` together identify the value. A namespace may end with `@` and
 * a version or hash of the structure of its values (`Campaign@2`). Releases whose values have different structures then never read each
 * other's entries. Two keys are equal if and only if their inputs are equal. These inputs are different: -0 and 0, 1 and "1", null and an
 * absent property. The order of an object's properties makes no difference. A key has fewer than 250 characters: long or non-ASCII parts
 * are hashed (SHA-256).
 * @throws TypeError for a malformed tenant or namespace, or a number that is not finite.
 */
export function cacheKey(tenant: string, namespace: string, parts: readonly Json[]): CacheKey {
  if (!NAMESPACE.test(namespace)) throw new TypeError(`A namespace must match ${NAMESPACE}, got ${JSON.stringify(namespace)}.`)
  const body = canonicalJson(parts)
  const short = body.length <= MAX_PLAIN_TEXT_LENGTH - namespace.length && PRINTABLE_ASCII.test(body)
  return { tenant, text: `${tenantTag(tenant)}:${namespace}:${short ? body : `#${hash('sha256', body, 'base64url')}`}` }
}

/** Writes JSON with sorted properties, and with different texts for -0 and 0, which JSON.stringify does not distinguish. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`A key cannot hold the number ${value}.`)
    return Object.is(value, -0) ? '-0' : String(value)
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields: string[] = []
  for (const name of Object.keys(value).sort()) {
    const field = value[name]
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${canonicalJson(field)}`)
  }
  return `{${fields.join(',')}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
