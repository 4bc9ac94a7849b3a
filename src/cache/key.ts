import { hash } from 'node:crypto'
import { tenantTag } from './entity.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/** Where a value is kept. Made by {@link cacheKey} only, so that no key is without its tenant. */
export interface CacheKey {
  readonly tenant: string
  readonly text: string
}

/** A name, and the shape of what is kept under it. */
const NAMESPACE = /^[A-Za-z][A-Za-z0-9_.]{0,79}(?:@[A-Za-z0-9_-]{1,22})?$/
const LONGEST_PLAIN_TEXT = 180
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/**
 * The key of what `parts` identify in a namespace of a tenant. A namespace may end with `@` and a version or hash of the shape of its
 * values (`Campaign@2`): then releases that keep other shapes under one name never read each other's entries. Two keys are equal if and only if their inputs are: -0 and 0, 1
 * and "1", null and an absent property are different, the order of an object's properties makes no difference. Under 250
 * characters: long or non-ASCII parts are hashed (SHA-256).
 * @throws TypeError for a malformed tenant or namespace, or a number that is not finite.
 */
export function cacheKey(tenant: string, namespace: string, parts: readonly Json[]): CacheKey {
  if (!NAMESPACE.test(namespace)) throw new TypeError(`A namespace must match ${NAMESPACE}, got ${JSON.stringify(namespace)}.`)
  const body = canonicalJson(parts)
  const short = body.length <= LONGEST_PLAIN_TEXT - namespace.length && PRINTABLE_ASCII.test(body)
  return { tenant, text: `${tenantTag(tenant)}:${namespace}:${short ? body : `#${hash('sha256', body, 'base64url')}`}` }
}

/** JSON with sorted properties that keeps apart what JSON.stringify does not. */
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
