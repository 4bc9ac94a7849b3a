import { GatewayError, LimitExceededError } from '../../../../errors.ts'
import { type ExecutionLimits, limitSettings } from '../../document/limits/limits.ts'

/**
 * Maximum work that one execution does in one turn of the event loop, before other requests get a turn. item-work.ts defines the unit of
 * work. This amount takes about 5 ms, or 30 ms if every field fails, because an error takes much longer than a value.
 */
export const WORK_PER_TURN = 10_000

export interface BudgetClock {
  /** Monotonic clock, ms. */
  monotonic(): number
  /** Returns a promise that resolves in a later turn of the event loop. */
  nextTurn(): Promise<void>
}

/**
 * Remaining budget of one execution: for the number of list items, for the time, and for the work in one turn of the event loop. A list is
 * charged before it is completed. A load is charged before it begins, and again before its values are stored. If an execution exceeds its
 * budget, every further list fails with an error, so that the execution ends soon.
 */
export class ExecutionBudget {
  readonly #limits: ExecutionLimits
  readonly #clock: BudgetClock
  readonly #deadline: number
  #items = 0
  #workOfTurn = 0
  #turn: Promise<void> | undefined
  #maySlice = false

  /**
   * @param hasDeadline Whether the time of the execution is limited. The time of a mutation is not limited, because stopping it would not
   * undo its writes.
   */
  constructor(limits: ExecutionLimits, clock: BudgetClock, hasDeadline: boolean) {
    this.#limits = limits
    this.#clock = clock
    this.#deadline = hasDeadline ? clock.monotonic() + limits.executionTimeoutMs : Number.POSITIVE_INFINITY
  }

  /** Error for an execution that has exceeded its time; undefined as long as it has not. */
  get timeout(): GatewayError | undefined {
    const { executionTimeoutMs: limit } = this.#limits
    if (this.#clock.monotonic() <= this.#deadline) return undefined
    return new GatewayError(
      'TIMEOUT',
      `The operation was not finished within ${limit} ms (${limitSettings.executionTimeoutMs}). Request less in one operation.`,
    )
  }

  /**
   * Allows {@link list} to return a list of promises from now on. Must be called only when graphql-js executes the operation, because
   * compiled code cannot complete a list of promises.
   */
  allowSlices(): void {
    this.#maySlice = true
  }

  /**
   * Charges the items of a list to the budget. Returns the list if it may be completed now. Returns a promise of the list if it must wait
   * for a later turn of the event loop. Returns a list of promises if the items are too much work for one turn.
   * @param itemWork Work for each item, in the unit of item-work.ts.
   * @throws LimitExceededError if the lists of the response have too many items in total; GatewayError TIMEOUT if the execution has
   * exceeded its time.
   */
  list(items: readonly unknown[], itemWork: number): readonly unknown[] | Promise<readonly unknown[]> {
    const late = this.timeout
    if (late) throw late
    this.#items += items.length
    const { maxCost: limit } = this.#limits
    if (this.#items > limit)
      throw new LimitExceededError(
        'items in the lists of its answer',
        { setting: limitSettings.maxCost, limit, value: this.#items },
        'Request less in one operation.',
      )
    const perTurn = Math.max(1, Math.floor(WORK_PER_TURN / itemWork))
    if (this.#maySlice && items.length > perTurn) return this.#sliced(items, perTurn, itemWork)
    const turn = this.spend(items.length * itemWork)
    return turn ? turn.then(() => items) : items
  }

  /**
   * Charges work to the budget, in the unit of item-work.ts. If the work must wait for a later turn of the event loop, returns a promise
   * that resolves in that turn. Returns undefined if the work may begin now.
   */
  spend(work: number): Promise<void> | undefined {
    if (this.#workOfTurn + work <= WORK_PER_TURN) {
      this.#workOfTurn += work
      return this.#turn
    }
    this.#workOfTurn = work
    const turn: Promise<void> = (this.#turn ?? Promise.resolve())
      .then(() => this.#clock.nextTurn())
      .then(() => {
        if (this.#turn === turn) this.#turn = undefined
      })
    this.#turn = turn
    return turn
  }

  #sliced(items: readonly unknown[], perTurn: number, itemWork: number): readonly unknown[] {
    let turn: Promise<void> | undefined
    return items.map((item, index) => {
      if (index % perTurn === 0) turn = this.spend(Math.min(perTurn, items.length - index) * itemWork)
      return turn ? turn.then(() => item) : item
    })
  }
}
