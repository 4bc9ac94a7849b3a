import type { DocumentNode } from 'graphql'
import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { cacheKey, type Json } from '../../../engine/cache/model/key.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CacheableOperation } from '../../responses/response-tier.ts'
import type { OperationPlan } from './document-plan.ts'

/** An operation with everything that its response depends on. */
export interface Operation {
  readonly document: DocumentNode
  /** SHA-256 of the document's text, in hexadecimal digits. */
  readonly documentHash: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly viewer: Principal | null
  readonly plan: OperationPlan
  /** Upper bound of the number of values in the response, where each field counts with its weight. */
  readonly cost: number
}

/**
 * Returns the cache key and the policy of the whole response to an operation; undefined if the response is not cached as a whole. The key
 * contains the operation (independent of its layout), its declared variables, and the tenant, role and user as far as the scope requires
 * them. The namespace of the key contains the shape of the response.
 */
export function cacheable({ plan, variables, viewer }: Operation): CacheableOperation | undefined {
  const { policy, scope } = plan
  if (!policy || (scope !== 'PUBLIC' && !viewer)) return undefined
  const tenant = scope === 'PUBLIC' || !viewer ? PUBLIC_TENANT : viewer.tenant
  const given: Record<string, Json> = Object.create(null)
  for (const name of plan.variableNames) if (Object.hasOwn(variables, name)) given[name] = variables[name] as Json
  try {
    const key = cacheKey(tenant, plan.namespace, [plan.id, given, ...callerParts(scope, viewer)])
    return { request: { key, tags: [tenant] }, policy }
  } catch {
    // The variables cannot be part of a cache key, because a number is out of range or values are nested too deeply. The operation is then
    // executed, and the client gets an error that names the problem.
    return undefined
  }
}

function callerParts(scope: OperationPlan['scope'], viewer: Principal | null): Json[] {
  if (!viewer || scope === 'PUBLIC') return []
  // An operator has no right to read the data of a tenant, so an operator must not share the responses of the tenant's members.
  if (scope === 'TENANT') return viewer.role === 'OPERATOR' ? [{ role: viewer.role }] : []
  return [scope === 'ROLE' ? { role: viewer.role } : { role: viewer.role, user: viewer.userId }]
}
