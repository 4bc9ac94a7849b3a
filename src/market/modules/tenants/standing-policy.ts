import type { CachePolicy } from '../../../engine/cache/model/policy.ts'

/**
 * Cache policy for the status of access tokens and of their holders (users and service accounts). A change of a row in the database
 * invalidates the cached status on every instance. So the TTLs can be long: they only limit how long an unchanged status is used. If the
 * database cannot be read, a cached status can still be used until five minutes after the end of its TTL. During this time, clients can
 * still read stale data whose policy has a `staleIfError`.
 */
export const STANDING_POLICY: CachePolicy = {
  name: 'Standing',
  l1Ms: 600_000,
  l2Ms: 3_600_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 300_000,
}

/**
 * Namespace of cached token holders in cache keys. Raise the number at the end when the shape of a holder changes, because releases that
 * run at the same time share Redis.
 */
export const HOLDERS = 'identity.holder.1'
export const REVOKED_TOKENS = 'identity.revokedTokens'
export const REVOKED_TOKEN = 'identity.revokedToken'

/** Cache policies of the market's values that are not part of the GraphQL schema, by the namespace of their keys. */
export const POLICIES_OUTSIDE_SCHEMA: ReadonlyMap<string, CachePolicy> = new Map(
  [HOLDERS, REVOKED_TOKENS, REVOKED_TOKEN].map((namespace) => [namespace, STANDING_POLICY]),
)
