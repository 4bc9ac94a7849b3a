import { type ExecutionBudget, WORK_PER_TURN } from './limits/execution-budget.ts'

/**
 * Work for one cached value, in the unit of limits/item-work.ts. It includes building the key and the tags, and looking up the value. It
 * also includes measuring and storing a value that was loaded.
 */
const VALUE = 25
/** Work for each row of a page (a part of a list), in the unit of limits/item-work.ts: for its id and its cursor. */
const PAGE_ROW = 5

/**
 * Spreads the batches of one loader over several turns of the event loop. Keys that are requested together are loaded in one batch, up to
 * the amount of work that is allowed in one turn. Further batches run one after the other, so that one loader uses only one database
 * connection at a time.
 */
export class BatchTurns {
  /** Maximum number of values in one batch. */
  readonly most: number
  readonly #budget: ExecutionBudget
  readonly #valueWork: number
  /** Settles when the latest batch of maximum size is finished. The next batch waits for this promise. */
  #full: Promise<unknown> | undefined

  /** @param pageRows Maximum number of rows in the value of one key, if the values are pages of lists; 0 for all other values. */
  constructor(budget: ExecutionBudget, pageRows = 0) {
    this.#budget = budget
    this.#valueWork = VALUE + PAGE_ROW * pageRows
    this.most = Math.max(1, Math.floor(WORK_PER_TURN / this.#valueWork))
  }

  /**
   * Runs a batch when the latest batch of maximum size is finished and the budget allows the work. Rejects with GatewayError TIMEOUT if the
   * execution ran out of time while the batch waited.
   */
  run<Key, Result>(keys: readonly Key[], batch: (keys: readonly Key[]) => Promise<Result>): Promise<Result> {
    const before = this.#full
    const turn = before ? before.then(() => this.#turnOf(keys.length)) : this.#turnOf(keys.length)
    const running = turn ? this.#later(turn, () => batch(keys)) : batch(keys)
    if (keys.length === this.most) this.#full = running.catch(() => undefined)
    return running
  }

  /** Returns a promise to await before the cache stores this number of loaded values; undefined if no wait is needed. */
  toLand(values: number): Promise<void> | undefined {
    return this.#turnOf(values)
  }

  #turnOf(values: number): Promise<void> | undefined {
    return this.#budget.spend(values * this.#valueWork)
  }

  async #later<Result>(turn: Promise<void>, batch: () => Promise<Result>): Promise<Result> {
    await turn
    const late = this.#budget.timeout
    if (late) throw late
    return batch()
  }
}
