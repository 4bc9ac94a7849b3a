import type { Env, Timer } from '../../engine/cache/model/env.ts'
import type { LiveGroup } from './live-group.ts'

/** Maximum number of live queries that are executed at the same time. The others wait, and changes merge while they do. */
const MAX_RUNNING = 16
/** Maximum total cost of the live queries that are executed at the same time, as a share of the cost of all operations. */
const COST_SHARE = 0.25
/** Maximum cost of a cheap query, as a share of the maximum total cost. A cheap query does not wait for dear ones. */
const CHEAP_SHARE = 0.01

export interface LiveQueueOptions {
  readonly env: Env
  /** Maximum total cost of the operations that run at the same time in this process. */
  readonly maxConcurrentCost: number
  /** Executes the query of a group. Never rejects. */
  readonly execute: (group: LiveGroup) => Promise<void>
}

/**
 * The groups whose queries are to be executed. They start in the order in which they came, so that their number and their total cost stay
 * below a limit: most of the cost is left for the operations of clients. After an execution a group rests as long as the execution took,
 * unless a stream awaits its first state. So a query that is slow and often invalidated is executed at most half of the time.
 */
export class LiveQueue {
  readonly #options: LiveQueueOptions
  readonly #maxCost: number
  readonly #waiting = new Set<LiveGroup>()
  #running = 0
  #runningCost = 0
  #isPumping = false
  /** Wakes the queue when the first group has rested. */
  #timer: Timer | undefined

  constructor(options: LiveQueueOptions) {
    this.#options = options
    this.#maxCost = options.maxConcurrentCost * COST_SHARE
  }

  /** Executes the group soon, or once more after the execution that runs now. */
  want(group: LiveGroup): void {
    if (group.isRunning) group.isDirty = true
    else this.#waiting.add(group)
    if (this.#isPumping) return
    this.#isPumping = true
    // A batch of the log may concern many groups. They are executed after the sync has ended.
    this.#options.env.defer(() => {
      this.#isPumping = false
      this.#pump()
    })
  }

  /** Forgets a group that waits. */
  drop(group: LiveGroup): void {
    this.#waiting.delete(group)
  }

  /** Starts no further execution. */
  close(): void {
    this.#waiting.clear()
    this.#timer?.cancel()
  }

  #pump(): void {
    this.#timer?.cancel()
    const now = this.#options.env.monotonic()
    let restMs = Number.POSITIVE_INFINITY
    let isFull = false
    for (const group of this.#waiting) {
      if (this.#running >= MAX_RUNNING) break
      const groupRestMs = group.isAwaited ? 0 : group.restsUntil - now
      if (groupRestMs > 0) {
        restMs = Math.min(restMs, groupRestMs)
        continue
      }
      const cost = this.#costOf(group)
      // A dear query does not overtake one that waits for room, which might otherwise wait for ever.
      isFull ||= cost > 0 && this.#runningCost + cost > this.#maxCost
      if (isFull && cost > 0) continue
      this.#waiting.delete(group)
      void this.#run(group, cost)
    }
    this.#timer = restMs < Number.POSITIVE_INFINITY ? this.#options.env.setTimer(() => this.#pump(), restMs) : undefined
  }

  /** Returns the part of the maximum total cost that the group takes; 0 for a cheap query. */
  #costOf(group: LiveGroup): number {
    const [first] = group.subscribers
    const cost = first?.operation.cost ?? 0
    return cost <= this.#maxCost * CHEAP_SHARE ? 0 : Math.min(cost, this.#maxCost)
  }

  async #run(group: LiveGroup, cost: number): Promise<void> {
    const { env, execute } = this.#options
    this.#running++
    this.#runningCost += cost
    Object.assign(group, { isRunning: true, isDirty: false })
    const startedAt = env.monotonic()
    await execute(group)
    const now = env.monotonic()
    Object.assign(group, { isRunning: false, restsUntil: now + (now - startedAt) })
    this.#running--
    this.#runningCost -= cost
    if (group.isDirty && group.subscribers.size > 0) this.#waiting.add(group)
    this.#pump()
  }
}
