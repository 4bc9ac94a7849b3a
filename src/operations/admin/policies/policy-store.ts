import { type QueryExecutorProvider, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import type { PolicyOverrides, PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import { readRunning } from '../experiments/experiment-rows.ts'
import { RequestProblem } from '../request-problem.ts'

/** Override of a cache policy that an operator stored. */
export interface StoredOverride {
  readonly coordinate: string
  readonly values: Readonly<Record<string, number>>
  readonly by: string
  /** ISO 8601, in UTC. */
  readonly at: string
  readonly reason: string | null
}

export interface PolicyChange {
  readonly set: readonly Pick<StoredOverride, 'coordinate' | 'values'>[]
  readonly reset: readonly string[]
  readonly by: string
  readonly reason: string | undefined
}

export interface PolicyStoreOptions {
  readonly db: QueryExecutorProvider
  /** Runs `work` in a transaction. `work` may run several times. */
  readonly inTransaction: <Result>(work: (db: QueryExecutorProvider) => Promise<Result>) => Promise<Result>
  readonly policies: PolicyRegistry
  /** Called with a stored override that this release cannot use, for example because its schema lacks the field. */
  readonly onUnusable: (coordinate: string, error: unknown) => void
}

/**
 * The overrides of cache policies that operators set at run time. They are stored in the database, so that all processes use them, also
 * after a restart.
 */
export class PolicyStore {
  readonly #options: PolicyStoreOptions
  #version = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PolicyStoreOptions) {
    this.#options = options
  }

  /** Version of the stored overrides that this process uses. */
  get version(): number {
    return this.#version
  }

  /** Returns the stored overrides, by coordinate. */
  async read(db: QueryExecutorProvider = this.#options.db): Promise<ReadonlyMap<string, StoredOverride>> {
    const { rows } = await sql<Omit<StoredOverride, 'values'> & { readonly policy: string }>`
      select coordinate, policy::text as policy, set_by as by, set_at as at, reason from cache_policy_overrides order by coordinate`.execute(
      db,
    )
    return new Map(rows.map(({ policy, ...row }) => [row.coordinate, { ...row, values: JSON.parse(policy) }]))
  }

  /** Uses the stored overrides, if they have changed. @throws if the database does not answer. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh())
  }

  /**
   * Changes the stored overrides, and uses them in this process. If one item is wrong, nothing is changed.
   * @returns the version of the stored overrides after the change.
   * @throws RequestProblem BAD_USER_INPUT that names the wrong item.
   */
  change(change: PolicyChange): Promise<number> {
    return this.#inTurn(() => this.#change(change))
  }

  /** Runs one piece of work after the other. Otherwise a slow read of older overrides could replace newer ones. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #refresh(): Promise<void> {
    const { db } = this.#options
    const version = await storedVersion(db)
    if (version === this.#version) return
    // The overrides may be newer than the version. The next refresh then reads them once more.
    const stored = await this.read()
    this.#apply([...stored.values()])
    this.#version = version
  }

  async #change({ set, reset, by, reason }: PolicyChange): Promise<number> {
    const { inTransaction, policies } = this.#options
    const version = await inTransaction(async (transaction) => {
      const raised = await raiseVersion(transaction)
      const running = await readRunning(transaction)
      const refuseDuringExperiment = (coordinate: string, item: string) => {
        if (running.some((one) => one.coordinate === coordinate))
          throw new RequestProblem('BAD_USER_INPUT', item, `an experiment runs on ${JSON.stringify(coordinate)}: stop it first.`)
      }
      const stored = new Map([...(await this.read(transaction)).values()].map(({ coordinate, values }) => [coordinate, values]))
      for (const [index, coordinate] of reset.entries()) {
        refuseDuringExperiment(coordinate, `reset[${index}]`)
        if (!stored.delete(coordinate))
          throw new RequestProblem('BAD_USER_INPUT', `reset[${index}]`, `no override of ${JSON.stringify(coordinate)} is stored.`)
      }
      for (const [index, { coordinate, values }] of set.entries()) {
        if (set.findIndex((other) => other.coordinate === coordinate) !== index)
          throw new RequestProblem('BAD_USER_INPUT', `set[${index}]`, `${JSON.stringify(coordinate)} is named twice.`)
        refuseDuringExperiment(coordinate, `set[${index}]`)
        stored.set(coordinate, values)
        try {
          policies.check('operator', { [coordinate]: values })
        } catch (error) {
          throw error instanceof GatewayError ? new RequestProblem(error.code, `set[${index}]`, error.message) : error
        }
      }
      policies.check('operator', Object.fromEntries(stored))
      if (reset.length > 0) await sql`delete from cache_policy_overrides where coordinate = any(${[...reset]}::text[])`.execute(transaction)
      for (const { coordinate, values } of set)
        await sql`insert into cache_policy_overrides (coordinate, policy, set_by, reason)
          values (${coordinate}, ${JSON.stringify(values)}::jsonb, ${by}, ${reason ?? null})
          on conflict (coordinate) do update set policy = excluded.policy, set_by = excluded.set_by, reason = excluded.reason,
            set_at = clock_timestamp()`.execute(transaction)
      return raised
    })
    // The change is committed. If this read fails, the next refresh reads it again.
    await this.#refresh().catch(() => undefined)
    return version
  }

  /** Uses the overrides. An override that this release cannot use is left out. */
  #apply(stored: readonly StoredOverride[]): void {
    const { policies, onUnusable } = this.#options
    let usable: PolicyOverrides = {}
    for (const { coordinate, values } of stored) {
      const more = { ...usable, [coordinate]: values }
      try {
        policies.check('operator', more)
        usable = more
      } catch (error) {
        onUnusable(coordinate, error)
      }
    }
    policies.set('operator', usable)
  }
}

/**
 * Raises the version by which processes notice a change of overrides or experiments. Returns the new version. Changes at the same time wait
 * for each other here, until the transaction ends.
 */
export async function raiseVersion(transaction: QueryExecutorProvider): Promise<number> {
  const { rows } = await sql<{ changes: number }>`update cache_policy_version set changes = changes + 1 returning changes`.execute(
    transaction,
  )
  return rows[0]?.changes ?? 0
}

async function storedVersion(db: QueryExecutorProvider): Promise<number> {
  const { rows } = await sql<{ changes: number }>`select changes from cache_policy_version`.execute(db)
  return rows[0]?.changes ?? 0
}
