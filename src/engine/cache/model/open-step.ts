/**
 * A step of work that an observer records, such as a read of the cache or a statement of the database. A step ends with the first call of
 * `end` or `fail`; later calls do nothing. No method throws.
 */
export interface OpenStep<Facts = undefined> {
  /** Runs `work`. The steps that begin during the work, also in its asynchronous parts, belong to this step. */
  contain<Result>(work: () => Result): Result
  /** Notes that this step waited for a step that belongs to another request. */
  waitedFor(other: OpenStep): void
  end(facts: Facts): void
  fail(error: unknown): void
}

/**
 * Runs `work` within a step, and ends the step with the outcome of the work. Without a step, only runs `work`. @throws any error of `work`.
 */
export async function inStep<Result>(step: OpenStep | undefined, work: () => Promise<Result>): Promise<Result> {
  if (!step) return work()
  try {
    const result = await step.contain(work)
    step.end(undefined)
    return result
  } catch (error) {
    step.fail(error)
    throw error
  }
}
