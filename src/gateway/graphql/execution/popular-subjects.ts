import type { CachePolicy } from '../../../engine/cache/model/policy.ts'
import type { LoadMany } from '../../../engine/cache/model/read.ts'
import type { Session } from '../../../engine/cache/model/session.ts'
import type { PopularityCounts } from '../../policies/popularity.ts'
import type { Trace } from '../answers/trace.ts'

export interface PopularSubjectsOptions {
  readonly popularity: PopularityCounts
  readonly trace: Trace
  /** Whether the execution refreshes a value or a response in the background. Such an execution does not count as a request. */
  readonly isRefresh: boolean
  /** Session of the execution. A background session belongs to warming, which does not count as a request either. */
  readonly session: Pick<Session, 'isBackground'>
}

/**
 * Subjects of the values that one batch of a field loads. A subject is a text whose popularity decides the TTL of a value. A request counts
 * each subject at most once.
 */
export class PopularSubjects {
  readonly #popularity: PopularityCounts
  readonly #subjects: readonly (string | undefined)[]

  /** @param subjects Subject of each value, in the order of the batch; undefined for a value without a subject. */
  constructor({ popularity, trace, isRefresh, session }: PopularSubjectsOptions, subjects: readonly (string | undefined)[]) {
    this.#popularity = popularity
    this.#subjects = subjects
    const isRequest = !isRefresh && !session.isBackground
    for (const subject of subjects) if (subject !== undefined && trace.isNewSubject(subject) && isRequest) popularity.count(subject)
  }

  /**
   * Returns a load that does the same as the given load, and gives the TTL `popularMs` to each popular value. Null and values with a TTL of
   * their own are left unchanged. The popularity of a value is checked right after the value was loaded. If the policy has no `popularMs`,
   * returns the given load.
   */
  longLived<Value>(load: LoadMany<Value>, { popularMs = 0 }: CachePolicy): LoadMany<Value> {
    if (popularMs === 0) return load
    return async (indexes, signal, isRefresh) => {
      const loaded = await load(indexes, signal, isRefresh)
      return loaded.map((one, position) => {
        const subject = this.#subjects[indexes[position] as number]
        const isOrdinary = one instanceof Error || one.value === null || one.ttlMs !== undefined
        return isOrdinary || subject === undefined || !this.#popularity.isPopular(subject) ? one : { ...one, ttlMs: popularMs }
      })
    }
  }
}

/**
 * Returns a subject that consists of the tenant and the text. So the requests of each tenant are counted separately. Returns undefined
 * without a text.
 */
export function subjectOf(tenant: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${tenant}:${text}`
}
