import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '../../../errors.ts'

/**
 * Work that runs in small steps. Each yield returns the number of units of work done since the previous yield; see {@link
 * WorkQueueOptions}.
 */
export type Steps<Result> = Generator<number, Result, void>

/** Bounds of the queue, and the clock and event loop that tests inject. A unit of work takes about one microsecond of CPU time. */
export interface WorkQueueOptions {
  /** Returns the time of a monotonic clock, ms. */
  readonly now?: () => number
  /** Resolves in a later turn of the event loop, after the I/O that was ready has been handled. */
  readonly nextTurn?: () => Promise<unknown>
  /**
   * Duration of a slice, ms. After this CPU time, the work pauses for a turn of the event loop. Default: 0.25. The slice is short, because
   * a concurrent request needs several turns of the event loop. In each of these turns, the request may have to wait for one slice.
   */
  readonly sliceMs?: number
  /**
   * Maximum number of callers that wait in each of the two lanes (urgent and usual). Default: 16. A waiting caller may occupy one of the
   * cache's concurrent loads (32 by default), and the remaining loads must stay available to other requests.
   */
  readonly maxWaiting?: number
  /**
   * Number of waiting units of work. A lane that has reached this number rejects further callers. Default: 250,000 units, which take about
   * a third of a second.
   */
  readonly maxWaitingUnits?: number
}

export interface Turn {
  /** Maximum number of units of work that the steps can take. */
  readonly units: number
  /** True for work during which a database transaction stays open: such work runs before all work that is not urgent. */
  readonly isUrgent?: boolean
  /** Signal that aborts when nobody needs the result any more. The work then ends before its next slice. */
  readonly signal?: AbortSignal | undefined
}

/** Units of work between two readings of the clock. One reading costs some 50 ns. */
export const UNITS_BETWEEN_LOOKS = 50

/**
 * Runs CPU-bound work, one piece at a time. Urgent work runs first. All other work runs in the order of arrival. The work pauses after each
 * slice of CPU time, so that it delays each turn of the event loop by at most one slice.
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
   * Rejects a caller for whose work the queue has no room. Callers call this method before they prepare the work.
   * @throws GatewayError OVERLOADED when too many callers, or too much work, are waiting already.
   */
  checkRoom(): void {
    if (this.#isBusy) this.#usual.checkRoom()
  }

  /**
   * Runs the steps when their turn comes. Rejects with the abort reason of the signal if the signal aborts before the steps are done.
   * @throws GatewayError OVERLOADED when too many callers, or too much work, are waiting already.
   */
  async run<Result>(steps: Steps<Result>, turn: Turn): Promise<Result> {
    if (this.#isBusy) await (turn.isUrgent ? this.#urgent : this.#usual).wait(turn.units)
    this.#isBusy = true
    try {
      return await this.#inSlices(steps, turn.signal)
    } finally {
      this.#handOver()
    }
  }

  /**
   * Runs the steps in slices of CPU time. The first slice begins in a new turn of the event loop. Otherwise many short pieces of work could
   * run in one turn and block the process as long as one long piece.
   */
  async #inSlices<Result>(steps: Steps<Result>, signal: AbortSignal | undefined): Promise<Result> {
    for (;;) {
      await this.#nextTurn()
      signal?.throwIfAborted()
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

  /**
   * Starts the next waiting work. The queue stays busy meanwhile, so that a caller that arrives just then does not overtake the waiting
   * work.
   */
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
      `The server is generating names for other requests, and ${this.#waiting.length} more wait: retry in a moment.`,
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
