import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '../errors.ts'

/** Work in small steps. Each yield tells how many units of work were done since the one before; see {@link WorkQueueOptions}. */
export type Steps<Result> = Generator<number, Result, void>

/** Bounds of the queue, and the clock and the event loop for tests. A unit is about one microsecond of CPU. */
export interface WorkQueueOptions {
  /** Monotonic time in ms. */
  readonly now?: () => number
  /** Resolves on a later turn of the event loop, after the I/O that is ready by then was handled. */
  readonly nextTurn?: () => Promise<unknown>
  /** CPU time between two turns of the event loop. By default 0.25 ms: a request of somebody else takes several turns. */
  readonly sliceMs?: number
  /**
   * Callers that may wait in each of the two lanes. By default 16: a caller that waits may hold one of the loads that the cache runs
   * at once, 32 by default, and the rest of them must be left to others.
   */
  readonly maxWaiting?: number
  /** With so many units waiting in a lane nobody is let in any more. By default 250,000, which is about a third of a second. */
  readonly maxWaitingUnits?: number
}

export interface Turn {
  /** The most units that the steps can take. */
  readonly units: number
  /** True for work that holds a database transaction open: it runs before everything that holds nothing. */
  readonly isUrgent?: boolean
}

/** Units between two looks at the clock: a look costs some 50 ns. */
export const UNITS_BETWEEN_LOOKS = 50

/**
 * Runs CPU-bound work one piece at a time, first come, first served. The work pauses after each slice, so that everybody else
 * in the process waits for one slice at most.
 */
export class WorkQueue {
  readonly #now: () => number
  readonly #nextTurn: () => Promise<unknown>
  readonly #sliceMs: number
  readonly #urgent: Lane
  readonly #usual: Lane
  #isBusy = false

  constructor(options: WorkQueueOptions = {}) {
    this.#now = options.now ?? (() => performance.now())
    this.#nextTurn = options.nextTurn ?? setImmediate
    this.#sliceMs = options.sliceMs ?? 0.25
    const { maxWaiting = 16, maxWaitingUnits = 250_000 } = options
    this.#urgent = new Lane(maxWaiting, maxWaitingUnits)
    this.#usual = new Lane(maxWaiting, maxWaitingUnits)
  }

  /**
   * For callers that have something to prepare: they are turned away before they do.
   * @throws GatewayError OVERLOADED when too many callers, or too much work, wait already.
   */
  checkRoom(): void {
    if (this.#isBusy) this.#usual.checkRoom()
  }

  /** @throws GatewayError OVERLOADED when too many callers, or too much work, wait already. */
  async run<Result>(steps: Steps<Result>, turn: Turn): Promise<Result> {
    if (this.#isBusy) await (turn.isUrgent ? this.#urgent : this.#usual).wait(turn.units)
    this.#isBusy = true
    try {
      return await this.#inSlices(steps)
    } finally {
      this.#handOver()
    }
  }

  /** Begins on a turn of its own: many short pieces one after the other would be one long one otherwise. */
  async #inSlices<Result>(steps: Steps<Result>): Promise<Result> {
    for (;;) {
      await this.#nextTurn()
      const end = this.#now() + this.#sliceMs
      let units = 0
      do {
        for (units = 0; units < UNITS_BETWEEN_LOOKS; ) {
          const step = steps.next()
          if (step.done) return step.value
          units += step.value
        }
      } while (this.#now() < end)
    }
  }

  /** Stays busy when somebody waits: whoever comes between does not overtake. */
  #handOver(): void {
    const proceed = this.#urgent.next() ?? this.#usual.next()
    if (proceed) proceed()
    else this.#isBusy = false
  }
}

class Lane {
  readonly #maxWaiting: number
  readonly #maxUnits: number
  readonly #waiting: { readonly units: number; readonly proceed: () => void }[] = []
  #units = 0

  constructor(maxWaiting: number, maxUnits: number) {
    this.#maxWaiting = maxWaiting
    this.#maxUnits = maxUnits
  }

  checkRoom(): void {
    if (this.#waiting.length < this.#maxWaiting && this.#units < this.#maxUnits) return
    throw new GatewayError(
      'OVERLOADED',
      `The server generates names for others, and ${this.#waiting.length} more requests wait for it: retry in a moment.`,
    )
  }

  async wait(units: number): Promise<void> {
    this.checkRoom()
    this.#units += units
    await new Promise<void>((proceed) => this.#waiting.push({ units, proceed }))
  }

  next(): (() => void) | undefined {
    const next = this.#waiting.shift()
    this.#units -= next?.units ?? 0
    return next?.proceed
  }
}
