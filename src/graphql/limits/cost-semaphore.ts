interface Waiting {
  readonly cost: number
  readonly isWanted: () => boolean
  readonly proceed: (isWanted: boolean) => void
}

/** Operations at or below this share of the whole run at once: alone they take next to no memory. */
const FREE_SHARE = 0.01

/**
 * Bounds what all dear operations that run at once may cost together, and with it the memory they take. Who comes first goes
 * first; operations that cost little do not wait.
 */
export class CostSemaphore {
  readonly #limit: number
  readonly #waiting: Waiting[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Runs `work` when there is room for its cost.
   * @param isWanted Asked when its turn comes.
   * @returns undefined for work that was not wanted any more.
   */
  async run<Result>(cost: number, isWanted: () => boolean, work: () => Promise<Result>): Promise<Result | undefined> {
    if (cost <= this.#limit * FREE_SHARE) return work()
    const share = Math.min(cost, this.#limit)
    if (this.#waiting.length === 0 && this.#running + share <= this.#limit) this.#running += share
    else if (!(await new Promise<boolean>((proceed) => this.#waiting.push({ cost: share, isWanted, proceed })))) return undefined
    try {
      return await work()
    } finally {
      this.#running -= share
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const isWanted = next.isWanted()
      if (isWanted && this.#running + next.cost > this.#limit) return
      this.#waiting.shift()
      if (isWanted) this.#running += next.cost
      next.proceed(isWanted)
    }
  }
}
