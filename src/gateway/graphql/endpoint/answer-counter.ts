/** An operation whose responses come from the memory of this process. */
export interface AnswersAtHand {
  readonly operationName: string | undefined
  /** Hash of the operation, independent of its name and layout. */
  readonly operationHash: string
  readonly tenant: string | undefined
  /** Name of the policy of the cached value, which is the whole response. */
  readonly policy: string
}

/**
 * Counts the responses of one operation that come from the memory of this process. Each operation has a counter of its own, so that counting
 * a response needs no look-up by name.
 */
export interface AnswerCounter {
  /**
   * Counts a response that was sent. It must cost next to nothing.
   * @param durationMs Time since the request arrived.
   * @param savedMs Duration of the execution that the cached response saved.
   * @param bytes Size of the response body before compression; 0 for a 304.
   */
  count(status: number, durationMs: number, savedMs: number, bytes: number): void
}

/** Counter for a gateway without figures. */
export const UNCOUNTED: AnswerCounter = { count: () => undefined }
