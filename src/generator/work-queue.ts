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
  /** CPU time between two turns of the event loop. By default 1 ms. */
  readonly sliceMs?: number
  /** Callers that may wait in each of the two lanes. By default 100. */
  readonly maxWaiting?: number
  /** Units that the callers in a lane may wait for together. By default 500,000, which is about a second. */
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
    this.#sliceMs = options.sliceMs ?? 1
    const { maxWaiting = 100, maxWaitingUnits = 500_000 } = options
    this.#urgent = new Lane(maxWaiting, maxWaitingUnits)
    this.#usual = new Lane(maxWaiting, maxWaitingUnits)
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

  async wait(units: number): Promise<void> {
    // One caller may always wait, however much its work is.
    const isFull = this.#waiting.length >= this.#maxWaiting || (this.#waiting.length > 0 && this.#units + units > this.#maxUnits)
    if (isFull) {
      throw new GatewayError(
        'OVERLOADED',
        `The server generates names for others, and ${this.#waiting.length} more requests wait for it: retry in a moment, or ask for fewer names.`,
      )
    }
    this.#units += units
    await new Promise<void>((proceed) => this.#waiting.push({ units, proceed }))
  }

  next(): (() => void) | undefined {
    const next = this.#waiting.shift()
    this.#units -= next?.units ?? 0
    return next?.proceed
  }
}
