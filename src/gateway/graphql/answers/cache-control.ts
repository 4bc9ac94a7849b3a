import { surrogateKeys } from '../../responses/surrogate-keys.ts'
import type { OperationPlan } from '../document/document-plan.ts'
import type { CacheHint } from '../schema/hint-policy.ts'
import type { Trace } from './trace.ts'

/** Properties of a response that decide how caches outside the gateway may store it. */
export interface Answer {
  readonly plan: OperationPlan | undefined
  /** Cache hint of the whole response: the hint of the operation's plan, unless a resolver set another hint. */
  readonly hint: CacheHint
  readonly trace: Pick<Trace, 'leastTtlMs' | 'uncacheableReason' | 'counts' | 'tags'>
  readonly failed: boolean
  readonly authenticated: boolean
  /** Whether the response has content for this request alone, such as debugging extensions. */
  readonly personal: boolean
  /** Whether a tag of the response was invalidated while it was executed, or the invalidation log could not be read since. */
  readonly overtaken: boolean
}

/** Value of `Vary` for a public response. It names Origin, because the CORS headers of the response depend on it. */
const VARY = 'Accept, Accept-Encoding, Origin'
const VARY_PRIVATE = 'Accept, Accept-Encoding, Authorization, Origin'

/**
 * Returns the headers that say which caches may store the response, and for how long. The lifetime of the response ends no later than the
 * lifetime of any value in it. A response is public only if three things allow it: its cache hint, the `@cache` of its fields, and the
 * `@auth` of its fields. So if a field requires an access token, a hint alone cannot make the response public. The headers of a public
 * response also contain the keys to purge it by, and its lifetime in CDNs (`CDN-Cache-Control` of RFC 9213, and the older
 * `Surrogate-Control`).
 */
export function storageHeaders(answer: Answer): Readonly<Record<string, string>> {
  const { plan, hint, trace } = answer
  const refused =
    plan?.kind !== 'query' || answer.failed || answer.personal || trace.counts.stale > 0 || trace.uncacheableReason !== undefined
  const isPublic = plan?.scope === 'PUBLIC' && hint.scope !== 'PRIVATE' && !plan.introspection
  const vary = isPublic ? VARY : VARY_PRIVATE
  const { maxAge = 0 } = hint
  if (refused || plan.introspection || plan.isStrict || maxAge <= 0 || trace.leastTtlMs <= 0) return { 'cache-control': 'no-store', vary }
  const seconds = Math.floor(Math.min(maxAge, trace.leastTtlMs / 1000))
  const browser = Math.min(plan.browser, seconds)
  if (!isPublic) {
    const own = browser > 0 ? `private, max-age=${browser}` : 'private, no-cache'
    return { 'cache-control': answer.authenticated ? own : 'private, no-store', vary }
  }
  // The purge of an invalidation may have passed already. A cache that stored the response now would keep the old values.
  if (seconds < 1 || answer.overtaken) return { 'cache-control': 'no-store', vary }
  const keys = surrogateKeys([...trace.tags])
  if (!keys) return { 'cache-control': 'private, no-cache', 'cdn-cache-control': 'no-store', 'surrogate-control': 'no-store', vary }
  const whileRevalidated = plan.staleWhileRevalidate > 0 ? [`stale-while-revalidate=${plan.staleWhileRevalidate}`] : []
  const ifError = plan.staleIfError > 0 ? [`stale-if-error=${plan.staleIfError}`] : []
  const inCdn = plan.cdn === undefined ? seconds : Math.floor(Math.min(plan.cdn, trace.leastTtlMs / 1000))
  const targeted = inCdn < 1 ? 'no-store' : [`max-age=${inCdn}`, ...whileRevalidated].join(', ')
  return {
    'cache-control': ['public', `max-age=${browser}`, `s-maxage=${seconds}`, ...whileRevalidated, ...ifError].join(', '),
    'cdn-cache-control': targeted,
    'surrogate-control': targeted,
    'surrogate-key': keys.join(' '),
    'cache-tag': keys.join(','),
    vary,
  }
}
