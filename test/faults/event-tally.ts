import type { CacheEvent } from '../../src/cache/index.ts'

/** Counts what the engine tells and which loads run. */
export class EventTally {
  readonly events = new Map<string, number>()
  readonly loadsByKey = new Map<string, number>()
  mostLoadsOfKey = 0
  mostLoads = 0
  #running = 0
  readonly #runningByKey = new Map<string, number>()

  listen(event: CacheEvent): void {
    this.#add(event.type, 1)
    if (event.type === 'tier-read') {
      this.#add('tier-hit', event.hits)
      this.#add('tier-rejected', event.rejected)
    } else if (event.type === 'breaker') this.#add(`breaker-${event.state}`, 1)
    else if (event.type === 'barrier' && !event.succeeded) this.#add('barrier-failed', 1)
  }

  /** Runs one load of these keys. */
  async load<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    this.#running++
    this.mostLoads = Math.max(this.mostLoads, this.#running)
    for (const key of keys) {
      const running = (this.#runningByKey.get(key) ?? 0) + 1
      this.#runningByKey.set(key, running)
      this.mostLoadsOfKey = Math.max(this.mostLoadsOfKey, running)
      this.loadsByKey.set(key, (this.loadsByKey.get(key) ?? 0) + 1)
    }
    try {
      return await work()
    } finally {
      this.#running--
      for (const key of keys) {
        const running = (this.#runningByKey.get(key) ?? 1) - 1
        if (running === 0) this.#runningByKey.delete(key)
        else this.#runningByKey.set(key, running)
      }
    }
  }

  forgetLoads(): void {
    this.loadsByKey.clear()
    this.mostLoadsOfKey = 0
    this.mostLoads = 0
  }

  #add(name: string, count: number): void {
    this.events.set(name, (this.events.get(name) ?? 0) + count)
  }
}
