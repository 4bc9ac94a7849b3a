import { randomUUID } from 'node:crypto'
import type { QueryExecutorProvider } from 'kysely'
import type { BucketSums } from '../../experiments/compare-arms.ts'
import { addToSums, type ExperimentBatch } from './experiment-rows.ts'

/**
 * Reads and hits that this process has counted by hour of an experiment, and that are not in the database yet. Nothing is lost while the
 * database is away, and nothing is counted twice: a batch whose reply was lost is sent again with the same number.
 */
export class CountedHours {
  readonly #db: QueryExecutorProvider
  readonly #writer = randomUUID()
  readonly #waiting = new Map<string, ExperimentBatch>()
  #unsent: { readonly number: number; readonly batch: ExperimentBatch } | undefined
  #number = 0

  constructor(db: QueryExecutorProvider) {
    this.#db = db
  }

  /** Adds what was counted in an hour of an experiment. @param counted Undefined if nothing was counted. */
  add(experiment: number, hour: number, counted: BucketSums | undefined): void {
    if (!counted) return
    const name = `${experiment} ${hour}`
    const before = this.#waiting.get(name)
    const sum = (kind: keyof BucketSums) => counted[kind].map((count, bucket) => count + (before?.[kind][bucket] ?? 0))
    this.#waiting.set(name, { experiment, hour, reads: sum('reads'), hits: sum('hits') })
  }

  /** Stores everything that was added. Must not be called again before it has ended. @throws if the database does not answer. */
  async store(): Promise<void> {
    for (;;) {
      if (!this.#unsent) {
        const [next] = this.#waiting
        if (!next) return
        this.#waiting.delete(next[0])
        this.#unsent = { number: ++this.#number, batch: next[1] }
      }
      await addToSums(this.#db, this.#writer, this.#unsent.number, this.#unsent.batch)
      this.#unsent = undefined
    }
  }
}
