import { type QueryExecutorProvider, sql } from 'kysely'
import type { Env } from '../../../engine/cache/model/env.ts'
import { GatewayError } from '../../../errors.ts'
import { BUCKETS, BucketCounts } from '../../../gateway/policies/experiment.ts'
import type { PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import { type PolicyStore, type PolicyStoreOptions, raiseVersion } from '../policies/policy-store.ts'
import { RequestProblem } from '../request-problem.ts'
import { CountedHours } from './counted-hours.ts'
import { foldHours, readRunning, type StoredExperiment } from './experiment-rows.ts'

export interface ExperimentStoreOptions extends Pick<PolicyStoreOptions, 'db' | 'inTransaction' | 'onUnusable'> {
  readonly policies: PolicyRegistry
  /** Overrides of operators. Experiments share their version, so processes notice both in the same way. */
  readonly overrides: Pick<PolicyStore, 'version' | 'refresh'>
  readonly env: Pick<Env, 'monotonic'>
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  /** Called when counted reads could not be stored. They are stored by a later call. */
  readonly onFailed: (error: unknown) => void
}

export interface ExperimentStart {
  readonly coordinate: string
  readonly values: Readonly<Record<string, number>>
  /** Share of the keys in the arm `trial`, between 0 and 1. */
  readonly share: number
  readonly leadInHours: number
  readonly by: string
  readonly reason: string | undefined
}

export interface ExperimentStop extends Pick<ExperimentStart, 'coordinate' | 'by' | 'reason'> {}

interface Running {
  readonly stored: StoredExperiment
  readonly counts: BucketCounts
  /** Hour of the experiment in which `counts` are counted. */
  hour: number
}

const HOUR_MS = 3_600_000
/** Maximum number of experiments that run at the same time. Each one costs a hash for every read of its keys. */
const MAX_RUNNING = 4
/** Maximum number of ended experiments that are kept. */
const MAX_ENDED = 100
const STORE_MS = 10_000

/** The stored overrides have changed since this process read them. */
class Overtaken extends GatewayError {
  constructor() {
    super('UNAVAILABLE', 'The policies were changed at the same time: try again.')
  }
}

/** Returns the hour of an experiment, counted from 0. @param now Unix epoch ms. */
function hourOf({ startedAt }: Pick<StoredExperiment, 'startedAt'>, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(startedAt)) / HOUR_MS))
}

/**
 * The experiments with cache policies. They are stored in the database, so that all processes run them, also after a restart. Each process
 * adds what it has counted to the sums in the database.
 */
export class ExperimentStore {
  readonly #options: ExperimentStoreOptions
  readonly #counted: CountedHours
  #version = 0
  #running: readonly Running[] = []
  #storedAt = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ExperimentStoreOptions) {
    this.#options = options
    this.#counted = new CountedHours(options.db)
  }

  /** Version of the stored overrides and experiments that this process uses. */
  get version(): number {
    return this.#version
  }

  /**
   * Uses the stored overrides and experiments, if they have changed, or if a lead-in has ended. Stores what was counted every ten seconds,
   * and when an hour or an experiment has ended. @throws if the database does not answer.
   */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh())
  }

  /**
   * Starts an experiment, also in this process. @returns the version of the stored experiments.
   * @throws RequestProblem BAD_USER_INPUT that names what is wrong.
   */
  start(start: ExperimentStart): Promise<number> {
    return this.#change((transaction) => this.#insert(transaction, start))
  }

  /**
   * Stops the experiment on a coordinate, also in this process. @returns the version of the stored experiments.
   * @throws RequestProblem BAD_USER_INPUT if none runs there.
   */
  stop({ coordinate, by, reason }: ExperimentStop): Promise<number> {
    return this.#change(async (transaction) => {
      const { rows } = await sql<Pick<StoredExperiment, 'id'>>`
        update cache_experiments set ended_at = clock_timestamp(), ended_by = ${by}, end_reason = ${reason ?? null}
        where coordinate = ${coordinate} and ended_at is null returning id`.execute(transaction)
      const [ended] = rows
      if (!ended) throw new RequestProblem('BAD_USER_INPUT', 'coordinate', `no experiment runs on ${JSON.stringify(coordinate)}.`)
      await foldHours(transaction, ended.id)
    })
  }

  /** Stores what this process has counted. Never rejects. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#store())
  }

  /** Runs one piece of work after the other, so that no older read replaces a newer one, and each count is stored once. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  #change(work: (transaction: QueryExecutorProvider) => Promise<void>): Promise<number> {
    const { inTransaction, overrides } = this.#options
    const attempt = async () => {
      await overrides.refresh()
      return inTransaction(async (transaction) => {
        // The version is also the lock, so that two starts at the same time see each other.
        const raised = await raiseVersion(transaction)
        // An experiment stores the policy of its control, which must be the one that applies.
        if (raised - 1 !== overrides.version) throw new Overtaken()
        await work(transaction)
        return raised
      })
    }
    return this.#inTurn(async () => {
      const version = await attempt().catch((error) => {
        if (error instanceof Overtaken) return attempt()
        throw error
      })
      // The change is committed. If this read fails, the next refresh reads it again.
      await this.#refresh().catch(() => undefined)
      return version
    })
  }

  async #insert(
    transaction: QueryExecutorProvider,
    { coordinate, values, share, leadInHours, by, reason }: ExperimentStart,
  ): Promise<void> {
    const { policies } = this.#options
    const running = await readRunning(transaction)
    if (running.some((one) => one.coordinate === coordinate))
      throw new RequestProblem(
        'BAD_USER_INPUT',
        'coordinate',
        `an experiment runs on ${JSON.stringify(coordinate)} already: stop it first.`,
      )
    if (running.length >= MAX_RUNNING)
      throw new RequestProblem('BAD_USER_INPUT', undefined, `At most ${MAX_RUNNING} experiments can run at the same time: stop one first.`)
    this.#checkArms(coordinate, values)
    const control = policies.rules.get(coordinate)?.values
    const trialBuckets = Math.min(BUCKETS - 1, Math.max(1, Math.round(share * BUCKETS)))
    await sql`delete from cache_experiments where id in (
      select id from cache_experiments where ended_at is not null order by id desc offset ${MAX_ENDED})`.execute(transaction)
    await sql`insert into cache_experiments (coordinate, control, trial, trial_buckets, lead_in_hours, started_by, reason)
      values (${coordinate}, ${JSON.stringify(control)}::jsonb, ${JSON.stringify(values)}::jsonb, ${trialBuckets}, ${leadInHours}, ${by},
        ${reason ?? null})`.execute(transaction)
  }

  /** @throws RequestProblem BAD_USER_INPUT if the values are no trial on the coordinate. */
  #checkArms(coordinate: string, values: ExperimentStart['values']): void {
    const { policies } = this.#options
    if (!policies.rules.has(coordinate))
      throw new RequestProblem(
        'BAD_USER_INPUT',
        'coordinate',
        `${JSON.stringify(coordinate)} has no @cache in the schema. It may be: ${[...policies.rules.keys()].join(', ')}.`,
      )
    let isDifferent: boolean
    try {
      isDifferent = policies.hasDifferentArms(coordinate, values)
    } catch (error) {
      throw error instanceof GatewayError ? new RequestProblem(error.code, 'values', error.message) : error
    }
    if (!isDifferent)
      throw new RequestProblem(
        'BAD_USER_INPUT',
        'values',
        'the cache would treat both arms alike: change a value that concerns it, such as l1 or l2, to another one than the policy has.',
      )
  }

  async #refresh(): Promise<void> {
    const { db, overrides, now, env } = this.#options
    await overrides.refresh()
    const { version } = overrides
    const isChanged = version !== this.#version
    const former = this.#running
    // The experiments may be newer than the version. The next refresh then reads them once more.
    if (isChanged) this.#follow(await readRunning(db))
    const { hasTurned, hasLeadInEnded } = this.#turnHours(now())
    // An operator's change of a policy concerns no experiment. It must not make all operations be planned twice.
    if (hasLeadInEnded || (isChanged && former.length + this.#running.length > 0)) this.#apply()
    this.#version = version
    if (isChanged || hasTurned || env.monotonic() - this.#storedAt >= STORE_MS) await this.#store()
  }

  /** Keeps the counts of experiments that still run, and hands over those of the others. */
  #follow(stored: readonly StoredExperiment[]): void {
    for (const one of this.#running) if (!stored.some(({ id }) => id === one.stored.id)) this.#handOver(one)
    this.#running = stored.map(
      (row) =>
        this.#running.find((one) => one.stored.id === row.id) ?? {
          stored: row,
          counts: new BucketCounts(),
          hour: hourOf(row, this.#options.now()),
        },
    )
  }

  /** Hands over the counts of hours that have ended. Returns whether an hour has ended, and whether a lead-in has. */
  #turnHours(now: number): { readonly hasTurned: boolean; readonly hasLeadInEnded: boolean } {
    let hasTurned = false
    let hasLeadInEnded = false
    for (const one of this.#running) {
      const hour = hourOf(one.stored, now)
      if (hour <= one.hour) continue
      this.#handOver(one)
      const { leadInHours } = one.stored
      hasLeadInEnded ||= one.hour < leadInHours && hour >= leadInHours
      hasTurned = true
      one.hour = hour
    }
    return { hasTurned, hasLeadInEnded }
  }

  #handOver({ stored, hour, counts }: Running): void {
    this.#counted.add(stored.id, hour, counts.take())
  }

  /** Runs the experiments in this process. One that this release cannot use is left out, and its keys have the policy of the control. */
  #apply(): void {
    const { policies, onUnusable } = this.#options
    const usable = this.#running.filter(({ stored: { coordinate, trial } }) => {
      try {
        policies.checkTrial(coordinate, trial)
        return true
      } catch (error) {
        onUnusable(coordinate, error)
        return false
      }
    })
    policies.run(
      usable.map(({ stored: { id, coordinate, trial, trialBuckets, leadInHours }, hour, counts }) => ({
        ...{ id, coordinate, trialBuckets, counts },
        values: trial,
        isOnTrial: hour >= leadInHours,
      })),
    )
  }

  async #store(): Promise<void> {
    const { env, onFailed } = this.#options
    this.#storedAt = env.monotonic()
    for (const one of this.#running) this.#handOver(one)
    // Without this, a failure here would keep the process from its report, and so from the list of the processes that are alive.
    await this.#counted.store().catch(onFailed)
  }
}
