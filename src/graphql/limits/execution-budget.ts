import { GatewayError, LimitExceededError } from '../../errors.ts'
import { type ExecutionLimits, limitSettings } from './limits.ts'

/**
 * Work done in one turn of the event loop; then other requests have theirs. See item-work.ts for the unit. About 5 ms, and 30 ms
 * where every field fails, because an error takes so much longer than a value.
 */
const WORK_PER_TURN = 10_000

export interface BudgetClock {
  /** Monotonic, ms. */
  monotonic(): number
  /** Resolves in a later turn of the event loop. */
  nextTurn(): Promise<void>
}

/**
 * What one execution may still use: items of lists, and time. Lists ask here before they are completed, because all that is dear in
 * an answer is a list. An execution that is over its budget gets an error from every list it still wants, and so ends soon.
 */
export class ExecutionBudget {
  readonly #limits: ExecutionLimits
  readonly #clock: BudgetClock
  readonly #deadline: number
  #items = 0
  #workOfTurn = 0
  #turn: Promise<void> | undefined
  #maySlice = false

  /** @param hasDeadline Whether the time is limited: that of a write is not, because it would not be undone. */
  constructor(limits: ExecutionLimits, clock: BudgetClock, hasDeadline: boolean) {
    this.#limits = limits
    this.#clock = clock
    this.#deadline = hasDeadline ? clock.monotonic() + limits.executionTimeoutMs : Number.POSITIVE_INFINITY
  }

  /** The error of an execution that is out of time; undefined while it is not. */
  get timeout(): GatewayError | undefined {
    const { executionTimeoutMs: limit } = this.#limits
    if (this.#clock.monotonic() <= this.#deadline) return undefined
    return new GatewayError(
      'TIMEOUT',
      `The operation was not finished within ${limit} ms (${limitSettings.executionTimeoutMs}). Ask for less at once.`,
    )
  }

  /** From now on a list may be given as promises. Compiled code, which may have begun the execution, cannot complete those. */
  allowSlices(): void {
    this.#maySlice = true
  }

  /**
   * Takes the items of a list. A promise where the list is to be completed in a later turn of the event loop.
   * @param itemWork How much work each of them is.
   * @throws LimitExceededError for more items than an answer may have. @throws GatewayError TIMEOUT.
   */
  take(items: number, itemWork: number): Promise<void> | undefined {
    const late = this.timeout
    if (late) throw late
    this.#items += items
    const { maxCost: limit } = this.#limits
    if (this.#items > limit)
      throw new LimitExceededError(
        'items in the lists of its answer',
        { setting: limitSettings.maxCost, limit, value: this.#items },
        'Ask for less at once.',
      )
    this.#workOfTurn += items * itemWork
    return this.#workOfTurn > WORK_PER_TURN ? this.#later() : this.#turn
  }

  /** The items of a list that is too much work for one turn as promises, except the first: so many are completed in each turn. */
  spread(list: readonly unknown[], itemWork: number): readonly unknown[] {
    const perTurn = Math.max(1, Math.floor(WORK_PER_TURN / itemWork))
    if (!this.#maySlice || list.length <= perTurn) return list
    const slices: Promise<void>[] = []
    for (let start = 0, before = Promise.resolve(); start < list.length; start += perTurn) {
      slices.push(before)
      before = before.then(() => this.#clock.nextTurn())
    }
    return list.map((item, index) => slices[Math.floor(index / perTurn)]?.then(() => item))
  }

  #later(): Promise<void> {
    this.#workOfTurn = 0
    const before = this.#turn
    const turn = (before ?? Promise.resolve())
      .then(() => this.#clock.nextTurn())
      .then(() => {
        if (this.#turn === turn) {
          this.#turn = undefined
          this.#workOfTurn = 0
        }
      })
    this.#turn = turn
    return turn
  }
}
