import type { AnswerReport } from './cache-report.ts'

/** Holds what the newest answer said about the cache, and tells the page when there is a newer one. */
export class NewestAnswer {
  #report: AnswerReport | undefined
  readonly #listeners = new Set<() => void>()

  readonly get = (): AnswerReport | undefined => this.#report

  set(report: AnswerReport): void {
    this.#report = report
    for (const listener of this.#listeners) listener()
  }

  /** @returns a function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
