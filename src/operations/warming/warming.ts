import type { Cache } from '../../engine/cache/cache.ts'
import type { Env, Timer } from '../../engine/cache/model/env.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import { RESPONSE_POLICY } from '../../gateway/graphql/document/document-plan.ts'
import type { GatewayGraphQL } from '../../gateway/graphql/endpoint/create-graphql.ts'
import { armOfName } from '../../gateway/policies/experiment.ts'
import { policiesOfKeys } from '../../gateway/policies/policies-of-keys.ts'
import type { OperationRecorder } from '../../gateway/warming/operation-recorder.ts'
import { Pace } from '../../gateway/warming/pace.ts'
import { Replay } from '../../gateway/warming/replay.ts'
import { schemaVersion } from '../../gateway/warming/schema-version.ts'
import { type Affected, broadlyAffected, join } from './broad-invalidation.ts'
import { fairOrder } from './fair-order.ts'
import { type HotRecord, mergeRecords } from './hot-record.ts'
import { RecordCodec } from './record-codec.ts'
import type { RecordStore } from './record-store.ts'
import { copyHottest } from './start-copy.ts'
import { WarmUp, type WarmUpEvent } from './warm-up.ts'

export interface WarmingOptions {
  readonly cache: Cache
  readonly graphql: Pick<GatewayGraphQL, 'gateway' | 'execution'>
  readonly recorder: OperationRecorder
  /** Cache policies of values that are not part of the GraphQL schema, by the namespace of their keys. */
  readonly otherPolicies: ReadonlyMap<string, CachePolicy>
  /** Store of the records, and a function that returns whether the store can be reached now. Undefined without a shared tier. */
  readonly records: { readonly store: RecordStore; readonly isReady: () => boolean } | undefined
  readonly secrets: readonly string[]
  /** Name of this process among all that use the shared tier. */
  readonly process: string
  /**
   * Maximum number of concurrent loads of the process. Warming executes a quarter as many operations at the same time, but at least one.
   */
  readonly concurrentLoads: number
  /** Maximum number of operations executed per second. */
  readonly maxPerSecond: number
  /** Processor time that this thread has used so far, ms. */
  readonly processorTime: () => number
  readonly env: Env
  readonly onEvent: (event: WarmingEvent) => void
}

export type WarmingEvent =
  | WarmUpEvent
  /** Entries were copied from the shared tier before the process was ready. */
  | { readonly type: 'copied'; readonly entries: number; readonly durationMs: number }
  /** A record could not be read or written; warming goes on without it. */
  | { readonly type: 'record-failed'; readonly error: unknown }
  /** A run of a schedule could not begin, or the dashboards cannot be warmed. */
  | { readonly type: 'schedule-failed'; readonly error: unknown }

const COPY_DEADLINE_MS = 2000
/**
 * Maximum time to wait for the connection to Redis, ms. The process began to connect earlier. If Redis cannot be reached, this wait delays
 * the start of the process by about this time.
 */
const CONNECTION_WAIT_MS = 500
const SAVE_INTERVAL_MS = 5000
const READY_CHECK_MS = 10
/** Time after a broad invalidation in which the process gathers further broad invalidations, ms. One warm-up follows all of them. */
const GATHERING_MS = 20
/**
 * Minimum time between the starts of two warm-ups after invalidations, ms. Without this minimum, a program that writes in bulk would start
 * warm-ups all the time.
 */
const REST_MS = 5000
const CONCURRENT_SHARE = 0.25

/**
 * Keeps the cache of a process warm. Records the hot keys and hot operations. Copies the hot entries from the shared tier when the process
 * starts. Executes the recorded operations after a start, after a deploy, and after a broad invalidation. See docs/warming.md.
 */
export class Warming {
  /** Executes operations, for example those of a schedule or a command. */
  readonly warmUp: WarmUp
  readonly #options: WarmingOptions
  readonly #replay: Replay
  readonly #pace: Pace
  readonly #codec: RecordCodec
  #atStart: { readonly record: HotRecord; readonly isDeploy: boolean } | undefined
  #affected: Affected | undefined
  #gathering: Timer | undefined
  /** Time at which the last warm-up after an invalidation was started, by the monotonic clock, ms. */
  #lastStartAt = Number.NEGATIVE_INFINITY
  #saving: Timer | undefined
  #savedUses = 0
  /** The computed schema version (`hash`), with the version number of the cache policies for which it was computed. */
  #schema: { readonly policies: number; readonly hash: string } | undefined

  constructor(options: WarmingOptions) {
    const { env, maxPerSecond, graphql, concurrentLoads, secrets, processorTime, onEvent } = options
    this.#options = options
    this.#pace = new Pace({ env, maxPerSecond })
    this.#replay = new Replay(graphql.execution)
    this.#codec = new RecordCodec(secrets)
    const concurrency = Math.max(1, Math.floor(concurrentLoads * CONCURRENT_SHARE))
    this.warmUp = new WarmUp({ replay: this.#replay, pace: this.#pace, concurrency, env, processorTime, onEvent })
  }

  /**
   * Copies the hottest entries from the shared tier. Must be called before the process is ready. Resolves within two seconds; never
   * rejects.
   */
  async prepare(): Promise<void> {
    const { env, records, onEvent } = this.#options
    if (!records) return
    const startedAt = env.monotonic()
    const goesOn = () => env.monotonic() - startedAt < COPY_DEADLINE_MS
    const late = Promise.withResolvers<void>()
    const timer = env.setTimer(late.resolve, COPY_DEADLINE_MS)
    try {
      await Promise.race([this.#copy(records, goesOn), late.promise])
    } catch (error) {
      onEvent({ type: 'record-failed', error })
    } finally {
      timer.cancel()
    }
  }

  /**
   * Executes in the background the recorded operations whose responses could not be copied, and begins to save records. Must be called when
   * the process is ready.
   */
  begin(): void {
    this.#saveLater()
    const { record, isDeploy } = this.#atStart ?? {}
    if (!record) return
    const operations = isDeploy ? fairOrder(record.operations) : record.operations
    void this.warmUp.start(
      operations.map(({ operation }) => operation),
      isDeploy ? 'deploy' : 'start',
    )
    this.#atStart = undefined
  }

  /** Called with each event of the cache. */
  onCacheEvent(event: CacheEvent): void {
    // A whole response waits for its parts, so the time of its execution tells nothing about the database.
    if (event.type === 'load' && event.policy !== RESPONSE_POLICY) this.#pace.observe(armOfName(event.policy).field, event.durationMs)
    const affected = broadlyAffected(event)
    if (affected === undefined) return
    this.#affected = join(this.#affected, affected)
    this.#warmAffectedLater()
  }

  /** Stops warming and saves the record. */
  async close(): Promise<void> {
    this.#saving?.cancel()
    this.#gathering?.cancel()
    await this.warmUp.stop()
    await this.#save()
  }

  async #copy(records: NonNullable<WarmingOptions['records']>, goesOn: () => boolean): Promise<void> {
    const { env, cache, graphql, otherPolicies, onEvent } = this.#options
    const startedAt = env.monotonic()
    while (!records.isReady()) {
      if (env.monotonic() - startedAt > CONNECTION_WAIT_MS) return
      await new Promise<void>((resolve) => void env.setTimer(resolve, READY_CHECK_MS))
    }
    this.#atStart = await this.#read(records.store)
    if (!this.#atStart) return
    const policyOf = policiesOfKeys(otherPolicies, graphql.gateway.rules.values())
    const entries = await copyHottest(this.#atStart.record, { cache, replay: this.#replay, policyOf, goesOn })
    onEvent({ type: 'copied', entries, durationMs: env.monotonic() - startedAt })
  }

  /**
   * Returns the merged records of two schema versions: the version of this process, and the other version whose records were written most
   * recently. The older a record is, the less it weighs. When a deploy starts the second process of a new version, the first process has
   * recorded only few operations. So the records of the former version are used, too. Returns undefined if neither version has records.
   */
  async #read(store: RecordStore): Promise<{ readonly record: HotRecord; readonly isDeploy: boolean } | undefined> {
    const { cache } = this.#options
    const own = this.#schemaVersion()
    const former = (await store.schemas()).find((schema) => schema !== own)
    const [current, before] = await Promise.all([this.#readSchema(store, own), former === undefined ? [] : this.#readSchema(store, former)])
    if (current.length + before.length === 0) return undefined
    return { record: mergeRecords([...current, ...before], cache.now()), isDeploy: current.length === 0 }
  }

  async #readSchema(store: RecordStore, schema: string): Promise<readonly HotRecord[]> {
    const stored = await store.read(schema)
    const records = await Promise.all(stored.map(({ process, bytes }) => this.#codec.decode(`${schema}:${process}`, bytes)))
    return records.filter((record) => record !== undefined)
  }

  #schemaVersion(): string {
    const { gateway } = this.#options.graphql
    const { version } = gateway.policies
    if (this.#schema?.policies !== version) this.#schema = { policies: version, hash: schemaVersion(gateway) }
    return this.#schema.hash
  }

  #saveLater(): void {
    if (!this.#options.records) return
    this.#saving = this.#options.env.setTimer(() => {
      void this.#save().then(() => this.#saveLater())
    }, SAVE_INTERVAL_MS)
  }

  async #save(): Promise<void> {
    const { cache, recorder, graphql, records, process, onEvent } = this.#options
    if (!records?.isReady() || recorder.uses === this.#savedUses) return
    this.#savedUses = recorder.uses
    const schema = this.#schemaVersion()
    const at = cache.now()
    try {
      const record = { at, keys: cache.hottestKeys(), operations: recorder.hottest(graphql.execution) }
      await records.store.write(schema, process, await this.#codec.encode(`${schema}:${process}`, record), at)
    } catch (error) {
      onEvent({ type: 'record-failed', error })
    }
  }

  #warmAffectedLater(): void {
    const { env } = this.#options
    if (this.#gathering) return
    const restMs = this.#lastStartAt + REST_MS - env.monotonic()
    this.#gathering = env.setTimer(
      () => {
        this.#gathering = undefined
        void this.#warmAffected()
      },
      Math.max(GATHERING_MS, restMs),
    )
  }

  async #warmAffected(): Promise<void> {
    const { env, cache, recorder, graphql } = this.#options
    // While the process checks the invalidation triggers, nothing is cached. So the warm-up waits for the end of this check.
    if (cache.stats().isCheckingWatches) return this.#warmAffectedLater()
    const affected = this.#affected
    this.#affected = undefined
    if (affected === undefined) return
    const operations = recorder
      .hottest(graphql.execution)
      .map(({ operation }) => operation)
      .filter(({ tenant }) => affected === 'everybody' || (tenant !== null && affected.has(tenant)))
    if (operations.length === 0) return
    this.#lastStartAt = env.monotonic()
    await this.warmUp.start(operations, 'invalidation')
  }
}
