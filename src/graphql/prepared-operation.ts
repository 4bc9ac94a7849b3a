import type { DocumentNode } from 'graphql'
import { PUBLIC_TENANT } from '../cache/entity.ts'
import { cacheKey, type Json } from '../cache/key.ts'
import type { Viewer } from '../modules/module.ts'
import type { CacheableOperation } from '../responses/response-tier.ts'
import type { OperationPlan } from './document-plan.ts'

/** All that the answer to an operation depends on. */
export interface Operation {
  readonly document: DocumentNode
  /** SHA-256 of the document's text, in hexadecimal digits. */
  readonly documentHash: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly viewer: Viewer | null
  readonly plan: OperationPlan
  /** How many values its answer can have. */
  readonly cost: number
}

/**
 * Where the answer to an operation is kept as a whole, and how long. The key holds what the plan says that the answer depends on:
 * the document however it is laid out, the variables it declares in any order, and the tenant, role and user as far as its scope
 * goes; its namespace holds the shape of the answer. Undefined for an operation whose answer is not kept.
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
    // A number out of range or too deep a nesting: coercion will say what is wrong with it.
    return undefined
  }
}

function callerParts(scope: OperationPlan['scope'], viewer: Viewer | null): Json[] {
  if (!viewer || scope === 'PUBLIC') return []
  // An operator must not get what a tenant's members share.
  if (scope === 'TENANT') return viewer.role === 'OPERATOR' ? [{ role: viewer.role }] : []
  return [scope === 'ROLE' ? { role: viewer.role } : { role: viewer.role, user: viewer.userId }]
}
