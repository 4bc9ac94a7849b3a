/**
 * Part of the gateway that an answer came from:
 * - `at hand`: the bytes were in the memory of this process, and nothing was parsed.
 * - `l1`, `l2`: the whole response was cached in this process or in the shared tier.
 * - `coalesced`: the execution of a concurrent request.
 * - `stale`: a whole response, or a value in it, that is flagged as stale.
 * - `parts`: an execution whose values were all cached.
 * - `origin`: an execution that read from the database.
 * - `bypassed`: an execution without cached values, such as a mutation.
 * - `shed`: an error, because the time of the request was over or the gateway had no capacity left.
 * - `refused`: an error before the execution, for example for an invalid document.
 */
export type AnswerLayer = 'at hand' | 'l1' | 'l2' | 'coalesced' | 'stale' | 'parts' | 'origin' | 'bypassed' | 'shed' | 'refused'
