import type { OperationPlan } from './document-plan.ts'
import type { Trace } from './trace.ts'

/** What decides how an answer may be stored outside the gateway. */
export interface Answer {
  readonly plan: OperationPlan | undefined
  readonly trace: Pick<Trace, 'leastTtlMs' | 'uncacheableReason' | 'counts'>
  readonly failed: boolean
  readonly authenticated: boolean
  /** Whether the answer carries what is only true of this request, like debugging extensions. */
  readonly personal: boolean
}

export interface StorageHeaders {
  readonly 'cache-control': string
  readonly vary: string
  /** For caches between the gateway and everybody, of what is public (RFC 9213). */
  readonly 'cdn-cache-control'?: string
  /** The same for those that know only this older name. */
  readonly 'surrogate-control'?: string
}

const VARY = 'Accept, Accept-Encoding'
const VARY_PRIVATE = 'Accept, Accept-Encoding, Authorization'

/** Who may store the answer, and for how long: never longer than its shortest-lived part, and not at all what is in doubt. */
export function storageHeaders(answer: Answer): StorageHeaders {
  const { plan, trace } = answer
  const refused =
    plan?.kind !== 'query' || answer.failed || answer.personal || trace.counts.stale > 0 || trace.uncacheableReason !== undefined
  const isPublic = plan?.isPublic ?? false
  const vary = isPublic ? VARY : VARY_PRIVATE
  if (refused || plan.introspection || plan.maxAge === 0 || trace.leastTtlMs <= 0) return { 'cache-control': 'no-store', vary }
  if (!isPublic) return { 'cache-control': answer.authenticated ? 'private, no-cache' : 'private, no-store', vary }
  const seconds = Math.floor(Math.min(plan.maxAge, trace.leastTtlMs / 1000))
  if (seconds < 1) return { 'cache-control': 'no-store', vary }
  const whileRevalidated = plan.staleWhileRevalidate > 0 ? [`stale-while-revalidate=${plan.staleWhileRevalidate}`] : []
  const ifError = plan.staleIfError > 0 ? [`stale-if-error=${plan.staleIfError}`] : []
  const targeted = [`max-age=${seconds}`, ...whileRevalidated].join(', ')
  return {
    'cache-control': ['public', 'max-age=0', `s-maxage=${seconds}`, ...whileRevalidated, ...ifError].join(', '),
    'cdn-cache-control': targeted,
    'surrogate-control': targeted,
    vary,
  }
}
