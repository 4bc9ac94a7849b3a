import type { Coherence } from './coherence.ts'

/**
 * Returns a function that tells whether none of its tags was invalidated since, as far as the log is applied. It also returns false if the
 * log was not read within the staleness bound.
 */
export function observeInvalidations(coherence: Pick<Coherence, 'epoch' | 'clock' | 'hasLease' | 'isCurrent' | 'slots'>) {
  const { epoch, clock } = coherence
  return (tags: readonly string[]): boolean => coherence.hasLease && coherence.isCurrent(epoch, clock, coherence.slots(tags))
}
