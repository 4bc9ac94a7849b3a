import { anyChangeTag, type Entity, PUBLIC_TENANT, rowTag } from '../../../engine/cache/model/entity.ts'
import { cacheKey, type Json } from '../../../engine/cache/model/key.ts'
import type { CacheRequest, KeyPart } from '../../../engine/cache/model/read.ts'

/** Facts of the keys of a field from which their parts follow. */
export interface FieldKeys {
  readonly tenant: string
  readonly namespace: string
  readonly keyArgs: Readonly<Record<string, Json>>
  /** Parts that identify the caller, see `ReadScope.keyParts`. */
  readonly keyParts: readonly Json[]
}

/**
 * Returns the function that names the parts of a field's key that might make no difference: each argument, and the caller, if the scope is
 * narrower than a tenant. Undefined for keys without such parts. The function takes the identity of the parent.
 */
export function fieldKeyParts({ tenant, namespace, keyArgs, keyParts }: FieldKeys) {
  const names = Object.keys(keyArgs)
  if (names.length === 0 && keyParts.length === 0) return undefined
  return (identity: string | null): readonly KeyPart[] => {
    const parts: KeyPart[] = names.map((name) => {
      const { [name]: _, ...others } = keyArgs
      return { part: `argument ${name}`, text: cacheKey(tenant, namespace, [identity, others, ...keyParts]).text }
    })
    if (keyParts.length > 0) parts.push({ part: 'scope', text: cacheKey(tenant, namespace, [identity, keyArgs]).text })
    return parts
  }
}

/**
 * Namespace of the keys of values without a policy. The coordinate is a part of such a key: not every name of a type or a field may be a namespace.
 */
const UNCACHED = 'Uncached'

/** Facts of a value of a field without a policy. */
export interface UncachedValue extends Pick<FieldKeys, 'tenant' | 'keyArgs'> {
  readonly coordinate: string
  /** Identity of the parent; null for a field of the root. */
  readonly identity: string | null
  /** Entity of the parent; undefined if the parent is read from no table. */
  readonly parent: Entity | undefined
  /** Entity of the type that the field returns; undefined if the type is read from no table. */
  readonly returned: Entity | undefined
}

/**
 * Returns the request that the value of a field without a policy would have if it depended on the row of its parent and on the rows of the type
 * that it returns.
 */
export function uncachedRequest({ tenant, coordinate, identity, keyArgs, parent, returned }: UncachedValue): CacheRequest {
  const tenantOf = ({ tenantColumn }: Entity) => (tenantColumn === null ? PUBLIC_TENANT : tenant)
  const tags = returned ? [anyChangeTag(returned, tenantOf(returned))] : []
  if (parent && identity !== null) tags.push(rowTag(parent, tenantOf(parent), identity))
  return { key: cacheKey(tenant, UNCACHED, [coordinate, identity, keyArgs]), tags }
}

/** Returns the request that a row of a type without a policy would have. */
export function uncachedRow(entity: Entity, tenant: string, id: string): CacheRequest {
  return { key: cacheKey(tenant, UNCACHED, [entity.type, id]), tags: [rowTag(entity, tenant, id)] }
}
