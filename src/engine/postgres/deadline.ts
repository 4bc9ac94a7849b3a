import { DatabaseUnavailableError } from './failure.ts'

/**
 * Waits for `work`, but no longer than the deadline. After the deadline `work` continues, and its result is ignored.
 * @throws DatabaseUnavailableError at the deadline.
 */
export async function within<Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DatabaseUnavailableError(`The database did not answer within ${deadlineMs} ms.`)), deadlineMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
