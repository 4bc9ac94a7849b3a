/** Bounds how many loads run at once; tenants that wait take turns, so that one tenant's burst does not hold up the others. */
export class LoadSemaphore {
  readonly #limit: number
  readonly #queues = new Map<string, (() => void)[]>()
  #running = 0

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`The number of concurrent loads must be a positive integer, got ${limit}.`)
    this.#limit = limit
  }

  /** Runs `work` when it is the tenant's turn. */
  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limit) this.#running++
    else await this.#turn(tenant)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #turn(tenant: string): Promise<void> {
    return new Promise((resolve) => {
      const queue = this.#queues.get(tenant)
      if (queue) queue.push(resolve)
      else this.#queues.set(tenant, [resolve])
    })
  }

  /** Hands the place to the tenant that has waited longest since its last turn: a Map keeps that order. */
  #leave(): void {
    const next = this.#queues.entries().next()
    if (next.done) {
      this.#running--
      return
    }
    const [tenant, queue] = next.value
    this.#queues.delete(tenant)
    const start = queue.shift()
    if (queue.length > 0) this.#queues.set(tenant, queue)
    start?.()
  }
}
