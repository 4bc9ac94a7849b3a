import { OverloadedError } from '../../../../errors.ts'

interface Waiting {
  readonly cost: number
  readonly isWanted: () => boolean
  readonly proceed: (isWanted: boolean) => void
}

/**
 * Maximum cost of a cheap operation, as a share of the maximum total cost of the running operations. A cheap operation never waits, because
 * it takes very little memory.
 */
const FREE_SHARE = 0.01
/**
 * Maximum total cost of the waiting operations, as a multiple of the maximum total cost of the running operations. The waiting operations
 * are limited, because their variables take memory.
 */
const MAX_WAITING_SHARE = 4
const RETRY_MS = 1000

/**
 * Limits the total cost of the expensive operations that run at the same time, and so their memory. Expensive operations that must wait
 * start in the order in which they came. An expensive operation is refused if it would make the total cost of the waiting operations too
 * large. Cheap operations neither wait nor are refused.
 */
export class CostSemaphore {
  readonly #limit: number
  readonly #waiting: Waiting[] = []
  #running = 0
  #waitingCost = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Runs `work` when the limit leaves room for its cost.
   * @param isWanted Called when `work` could start after a wait. If it returns false, `work` is skipped.
   * @returns undefined if `work` was skipped.
   * @throws OverloadedError if waiting would make the total cost of the waiting operations too large.
   */
  async run<Result>(cost: number, isWanted: () => boolean, work: () => Promise<Result>): Promise<Result | undefined> {
    if (cost <= this.#limit * FREE_SHARE) return work()
    const share = Math.min(cost, this.#limit)
    if (this.#waiting.length === 0 && this.#running + share <= this.#limit) this.#running += share
    else if (!(await this.#wait(share, isWanted))) return undefined
    try {
      return await work()
    } finally {
      this.#running -= share
      this.#admit()
    }
  }

  #wait(cost: number, isWanted: () => boolean): Promise<boolean> {
    if (this.#waitingCost + cost > this.#limit * MAX_WAITING_SHARE) {
      throw new OverloadedError(
        `Expected capacity for the cost ${cost}, but ${this.#waiting.length} expensive operations wait already: retry in ${RETRY_MS} ms.`,
        RETRY_MS,
      )
    }
    this.#waitingCost += cost
    return new Promise((proceed) => this.#waiting.push({ cost, isWanted, proceed }))
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const isWanted = next.isWanted()
      if (isWanted && this.#running + next.cost > this.#limit) return
      this.#waiting.shift()
      this.#waitingCost -= next.cost
      if (isWanted) this.#running += next.cost
      next.proceed(isWanted)
    }
  }
}
