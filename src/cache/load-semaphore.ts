interface Waiting {
  readonly isWanted: () => boolean
  readonly proceed: (wanted: boolean) => void
}

/** Bounds how many loads run at once; tenants that wait take turns, so that one tenant's burst does not hold up the others. */
export class LoadSemaphore {
  readonly #limit: number
  readonly #queues = new Map<string, Waiting[]>()
  #running = 0

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`The number of concurrent loads must be a positive integer, got ${limit}.`)
    this.#limit = limit
  }

  /**
   * Runs `work` when it is the tenant's turn.
   * @param isWanted Asked at once and at its turn: work that nobody waits for any more is shed.
   * @returns false for work that was shed.
   */
  async run(tenant: string, isWanted: () => boolean, work: () => Promise<void>): Promise<boolean> {
    if (!isWanted()) return false
    if (this.#running < this.#limit) this.#running++
    else if (!(await this.#turn(tenant, isWanted))) return false
    try {
      await work()
      return true
    } finally {
      this.#leave()
    }
  }

  #turn(tenant: string, isWanted: () => boolean): Promise<boolean> {
    return new Promise((proceed) => {
      const waiting = { isWanted, proceed }
      const queue = this.#queues.get(tenant)
      if (queue) queue.push(waiting)
      else this.#queues.set(tenant, [waiting])
    })
  }

  /** Hands the place to the tenant that has waited longest since its last turn: a Map keeps that order. */
  #leave(): void {
    for (const [tenant, queue] of this.#queues) {
      this.#queues.delete(tenant)
      const next = firstWanted(queue)
      if (queue.length > 0) this.#queues.set(tenant, queue)
      if (next) {
        next.proceed(true)
        return
      }
    }
    this.#running--
  }
}

function firstWanted(queue: Waiting[]): Waiting | undefined {
  for (;;) {
    const next = queue.shift()
    if (!next || next.isWanted()) return next
    next.proceed(false)
  }
}
