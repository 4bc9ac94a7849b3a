import type { CachePolicy } from '../../cache/policy.ts'

/**
 * Of what is known about tokens and their holders. A change of a row invalidates it on every instance, so the durations only bound when
 * an instance asks again by itself. While the log cannot be followed and the database does not answer, a copy is used five minutes
 * longer, as the answers are that it opens.
 */
export const STANDING_POLICY: CachePolicy = {
  name: 'Standing',
  l1Ms: 600_000,
  l2Ms: 3_600_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 300_000,
}
