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

/** Adds up the answers of one operation in a few numbers. The figures by name are updated from the sums when somebody reads them. */
export class AtHandCounter implements AnswerCounter {
  readonly answers: AnswersAtHand
  readonly #counted: CountedAnswers
  #requests = 0
  #notModified = 0
  #durationMs = 0
  #savedMs = 0
  #bytes = 0

  constructor(answers: AnswersAtHand, counted: CountedAnswers) {
    this.answers = answers
    this.#counted = counted
  }

  count(status: number, durationMs: number, savedMs: number, bytes: number): void {
    this.#requests++
    if (status === 304) this.#notModified++
    this.#durationMs += durationMs
    this.#savedMs += savedMs
    this.#bytes += bytes
    this.#counted.onDuration(durationMs)
    // Last, because the sums may be taken at once.
    if (this.#requests === 1) this.#counted.onFirst(this)
  }

  /** Returns the sums, and starts again with 0. */
  take(): AnswerSums {
    const sums = {
      requests: this.#requests,
      notModified: this.#notModified,
      durationMs: this.#durationMs,
      savedMs: this.#savedMs,
      bytes: this.#bytes,
    }
    this.#requests = this.#notModified = this.#durationMs = this.#savedMs = this.#bytes = 0
    return sums
  }
}
