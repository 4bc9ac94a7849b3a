import type { AnswerCounter, AnswersAtHand } from '../../gateway/graphql/endpoint/answer-counter.ts'

/** Sums of the answers that a counter has counted since they were last taken. */
export interface AnswerSums {
  readonly requests: number
  readonly notModified: number
  readonly durationMs: number
  readonly savedMs: number
  readonly bytes: number
}

/** Receives what all counters of a process have in common. */
export interface CountedAnswers {
  /** Called with each counter that counts for the first time since its sums were taken. */
  onFirst(counter: AtHandCounter): void
  /** Called with the duration of each answer, ms. It must cost next to nothing. */
  onDuration(durationMs: number): void
}

/** Places of the sums in {@link AtHandCounter}'s array, and their number. */
const REQUESTS = 0
const NOT_MODIFIED = 1
const DURATION_MS = 2
const SAVED_MS = 3
const BYTES = 4
const SUMS = 5

/** Adds up the answers of one operation in a few numbers. The figures by name are updated from the sums when somebody reads them. */
export class AtHandCounter implements AnswerCounter {
  readonly answers: AnswersAtHand
  readonly #counted: CountedAnswers
  /**
   * One array, because V8 keeps each field with a fraction as an object of its own: with many operations in turn, each of these objects is a
   * cache miss of the processor.
   */
  readonly #sums = new Float64Array(SUMS)

  constructor(answers: AnswersAtHand, counted: CountedAnswers) {
    this.answers = answers
    this.#counted = counted
  }

  count(status: number, durationMs: number, savedMs: number, bytes: number): void {
    const sums = this.#sums
    const requests = (sums[REQUESTS] as number) + 1
    sums[REQUESTS] = requests
    if (status === 304) sums[NOT_MODIFIED] = (sums[NOT_MODIFIED] as number) + 1
    sums[DURATION_MS] = (sums[DURATION_MS] as number) + durationMs
    sums[SAVED_MS] = (sums[SAVED_MS] as number) + savedMs
    sums[BYTES] = (sums[BYTES] as number) + bytes
    this.#counted.onDuration(durationMs)
    // Last, because the sums may be taken at once.
    if (requests === 1) this.#counted.onFirst(this)
  }

  /** Returns the sums, and starts again with 0. */
  take(): AnswerSums {
    const [requests = 0, notModified = 0, durationMs = 0, savedMs = 0, bytes = 0] = this.#sums
    this.#sums.fill(0)
    return { requests, notModified, durationMs, savedMs, bytes }
  }
}
