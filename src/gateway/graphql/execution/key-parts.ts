import { anyChangeTag, type Entity, PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { cacheKey, type Json } from '../../../engine/cache/model/key.ts'
import type { CacheRequest, KeyPart } from '../../../engine/cache/model/read.ts'

/** Facts of a key of a field from which its parts follow. */
export interface FieldKey {
  readonly tenant: string
  readonly namespace: string
  readonly identity: string | null
  readonly keyArgs: Readonly<Record<string, Json>>
  /** Parts that identify the caller, see `ReadScope.keyParts`. */
  readonly keyParts: readonly Json[]
}

/**
 * Returns the function that names the parts of a field's key that might make no difference: each argument, and the caller, if the scope is
 * narrower than a tenant. Undefined for a key without such parts.
 */
export function fieldKeyParts({ tenant, namespace, identity, keyArgs, keyParts }: FieldKey): CacheRequest['parts'] {
  const names = Object.keys(keyArgs)
  if (names.length === 0 && keyParts.length === 0) return undefined
  return () => {
    const parts: KeyPart[] = names.map((name) => {
      const { [name]: _, ...others } = keyArgs
      return { part: `argument ${name}`, text: cacheKey(tenant, namespace, [identity, others, ...keyParts]).text }
    })
    if (keyParts.length > 0) parts.push({ part: 'scope', text: cacheKey(tenant, namespace, [identity, keyArgs]).text })
    return parts
  }
}

/**
 * Returns the request that the value of a field without a policy would have if it depended on the rows of the type that it returns.
 * @param returned Entity of that type; undefined if the type is read from no table.
 */
export function uncachedRequest(
  { tenant, coordinate, identity, keyArgs }: Omit<FieldKey, 'namespace' | 'keyParts'> & { readonly coordinate: string },
  returned: Entity | undefined,
): CacheRequest {
  const tags = returned ? [anyChangeTag(returned, returned.tenantColumn === null ? PUBLIC_TENANT : tenant)] : []
  return { key: cacheKey(tenant, coordinate, [identity, keyArgs]), tags }
}
