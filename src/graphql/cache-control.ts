import { surrogateKeys } from '../responses/surrogate-keys.ts'
import type { OperationPlan } from './document-plan.ts'
import type { CacheHint } from './hint-policy.ts'
import type { Trace } from './trace.ts'

/** What decides how an answer may be stored outside the gateway. */
export interface Answer {
  readonly plan: OperationPlan | undefined
  /** The hint of the whole answer: the plan's, unless a resolver gave another. */
  readonly hint: CacheHint
  readonly trace: Pick<Trace, 'leastTtlMs' | 'uncacheableReason' | 'counts' | 'tags'>
  readonly failed: boolean
  readonly authenticated: boolean
  /** Whether the answer carries what is only true of this request, like debugging extensions. */
  readonly personal: boolean
}

/** Pages of some origins may read an answer and others not. */
const VARY = 'Accept, Accept-Encoding, Origin'
const VARY_PRIVATE = 'Accept, Accept-Encoding, Authorization, Origin'

/**
 * Who may store the answer, and for how long: never longer than its shortest-lived part, and not at all what is in doubt. It is public
 * where its hint lets it be and its `@cache` and `@auth` do too: no hint makes public what needs a token. What is public also has the headers for caches between the gateway and everybody (RFC 9213, and the older name), and its tags.
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
  if (seconds < 1) return { 'cache-control': 'no-store', vary }
  const keys = surrogateKeys([...trace.tags])
  if (!keys) return { 'cache-control': 'private, no-cache', 'cdn-cache-control': 'no-store', 'surrogate-control': 'no-store', vary }
  const whileRevalidated = plan.staleWhileRevalidate > 0 ? [`stale-while-revalidate=${plan.staleWhileRevalidate}`] : []
  const ifError = plan.staleIfError > 0 ? [`stale-if-error=${plan.staleIfError}`] : []
  const targeted = [`max-age=${seconds}`, ...whileRevalidated].join(', ')
  return {
    'cache-control': ['public', `max-age=${browser}`, `s-maxage=${seconds}`, ...whileRevalidated, ...ifError].join(', '),
    'cdn-cache-control': targeted,
    'surrogate-control': targeted,
    ...(keys.length > 0 ? { 'surrogate-key': keys.join(' '), 'cache-tag': keys.join(',') } : {}),
    vary,
  }
}
