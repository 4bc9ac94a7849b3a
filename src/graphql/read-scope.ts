import { PUBLIC_TENANT } from '../cache/entity.ts'
import type { Json } from '../cache/key.ts'
import type { ReadContext, Viewer } from '../modules/module.ts'
import type { CacheScope } from './cache-rules.ts'

/** What a load may see, and what of the caller stands in the key: the same, so that nothing unkeyed can change an answer. */
export interface ReadScope {
  readonly tenant: string
  /** Put after the other parts of the key. */
  readonly keyParts: readonly Json[]
  read(): ReadContext
}

export interface ReadScopeOptions {
  readonly db: ReadContext['db']
  readonly now: () => number
  /** @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  readonly requireViewer: () => Viewer
}

/** @throws GatewayError UNAUTHENTICATED for an anonymous caller, except in scope PUBLIC. */
export function readScope(scope: CacheScope, { db, now, requireViewer }: ReadScopeOptions): ReadScope {
  if (scope === 'PUBLIC')
    return { tenant: PUBLIC_TENANT, keyParts: [], read: () => Object.freeze({ db, tenant: PUBLIC_TENANT, now: now() }) }
  const { tenant, role, userId } = requireViewer()
  if (scope === 'TENANT') return { tenant, keyParts: [], read: () => Object.freeze({ db, tenant, now: now() }) }
  if (scope === 'ROLE') return { tenant, keyParts: [{ role }], read: () => Object.freeze({ db, tenant, role, now: now() }) }
  return { tenant, keyParts: [{ role, user: userId }], read: () => Object.freeze({ db, tenant, role, userId, now: now() }) }
}
