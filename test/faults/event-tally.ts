import type { CacheEvent } from '#src/engine/cache/index.ts'

/** Counts the events that the cache engine emits, and the loads that run. */
export class EventTally {
  readonly events = new Map<string, number>()
  readonly loadsByKey = new Map<string, number>()
  maxLoadsOfKey = 0
  maxLoads = 0
  #running = 0
  readonly #runningByKey = new Map<string, number>()

  listen(event: CacheEvent): void {
    this.#add(event.type, 1)
    if (event.type === 'tier-read') {
      this.#add('tier-hit', event.hits)
      this.#add('tier-rejected', event.rejected)
    } else if (event.type === 'breaker') this.#add(`breaker-${event.state}`, 1)
    else if (event.type === 'shadow') this.#add(`shadow ${event.outcome}`, 1)
    else if (event.type === 'barrier' && !event.succeeded) this.#add('barrier-failed', 1)
  }

  /** Runs and counts one load of the given keys. */
  async load<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    this.#running++
    this.maxLoads = Math.max(this.maxLoads, this.#running)
    for (const key of keys) {
      const running = (this.#runningByKey.get(key) ?? 0) + 1
      this.#runningByKey.set(key, running)
      this.maxLoadsOfKey = Math.max(this.maxLoadsOfKey, running)
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
    this.maxLoadsOfKey = 0
    this.maxLoads = 0
  }

  #add(name: string, count: number): void {
    this.events.set(name, (this.events.get(name) ?? 0) + count)
  }
}
