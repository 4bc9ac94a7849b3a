import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import type { Json } from '../../../engine/cache/model/key.ts'
import type { ReadContext } from '../../contract/module.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CacheScope } from '../../policies/cache-rules.ts'

/**
 * Identity of the caller, for loading values and for their cache keys. A load sees only those parts of the identity that the cache key
 * contains.
 */
export interface ReadScope {
  readonly tenant: string
  /**
   * Last parts of the cache key. In scope ROLE, they contain the caller's role. In scope USER, they contain the role and the user id. In
   * the other scopes, the list is empty.
   */
  readonly keyParts: readonly Json[]
  read(signal: AbortSignal | undefined): ReadContext
}

export interface ReadScopeOptions {
  readonly db: ReadContext['db']
  readonly now: () => number
  /** Returns the caller. @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  readonly requireViewer: () => Principal
}

/**
 * Returns those parts of the caller's identity that the scope includes.
 * @throws GatewayError UNAUTHENTICATED for an anonymous caller, except in scope PUBLIC.
 */
export function readScope(scope: CacheScope, { db, now, requireViewer }: ReadScopeOptions): ReadScope {
  if (scope === 'PUBLIC')
    return { tenant: PUBLIC_TENANT, keyParts: [], read: (signal) => Object.freeze({ db, tenant: PUBLIC_TENANT, now: now(), signal }) }
  const { tenant, role, userId } = requireViewer()
  if (scope === 'TENANT') return { tenant, keyParts: [], read: (signal) => Object.freeze({ db, tenant, now: now(), signal }) }
  if (scope === 'ROLE') return { tenant, keyParts: [{ role }], read: (signal) => Object.freeze({ db, tenant, role, now: now(), signal }) }
  return { tenant, keyParts: [{ role, user: userId }], read: (signal) => Object.freeze({ db, tenant, role, userId, now: now(), signal }) }
}
