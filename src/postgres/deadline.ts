/**
 * Waits for `work`, but no longer than the deadline. What the work does after it is nobody's concern.
 * @throws Error `timeout expired`, which counts as an unavailable database.
 */
export async function within<Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('timeout expired')), deadlineMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
