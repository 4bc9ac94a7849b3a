import type { CacheOptions } from './cache-options.ts'
import { cacheStats } from './inspect/cache-stats.ts'
import { type ExplainTools, type Explanation, explain } from './inspect/explain.ts'
import { Inventory } from './inspect/inventory.ts'
import { ShadowReads } from './inspect/shadow-reads.ts'
import { Coherence } from './log/coherence.ts'
import type { InvalidationLog } from './log/invalidation-log.ts'
import { LogFollower } from './log/log-follower.ts'
import { Maintenance } from './log/maintenance.ts'
import { observeInvalidations } from './log/observe-invalidations.ts'
import type { RecentInvalidations } from './log/recent-invalidations.ts'
import type { Siblings } from './log/siblings.ts'
import { type HotKey, HotKeys } from './memory/hot-keys.ts'
import { MemoryTier } from './memory/memory-tier.ts'
import { TokenSealer } from './model/consistency-token.ts'
import type { Entity } from './model/entity.ts'
import { type Env, systemEnv } from './model/env.ts'
import { type InvalidationTarget, tagsOfTarget } from './model/invalidation.ts'
import type { CacheKey } from './model/key.ts'
import type { CachePolicy } from './model/policy.ts'
import type { CacheRequest, LoadMany, LoadOne, ReadOptions } from './model/read.ts'
import { Session } from './model/session.ts'
import { causeOf } from './model/write-cause.ts'
import { bypassCache, loadPastCache, type PastCache, type PastOptions } from './read/bypass.ts'
import { createReader } from './read/create-reader.ts'
import type { Filler, SharedKey } from './read/filler.ts'
import { LocalView } from './read/local-view.ts'
import { onlyResult } from './read/only-result.ts'
import { readParams } from './read/read-params.ts'
import type { Reader } from './read/reader.ts'
import type { WakeUp } from './shared/remote-tier.ts'
import { SharedTier } from './shared/shared-tier.ts'

/**
 * A two-tier read-through cache. A read with the consistency token of a write never gets a value older than that write. Any other read lags
 * behind the database by at most the staleness bound, or gets an older value flagged as stale if the policy allows it.
 */
export class Cache {
  /** Whether reads use the cache. If false, every read loads the value. */
  readonly enabled: boolean
  readonly inventory: Inventory
  /** Tells which tags the newest rows of the invalidation log invalidated. */
  readonly follower: LogFollower
  readonly #env: Env
  readonly #log: InvalidationLog
  readonly #entities: readonly Entity[]
  readonly #wakeUp: WakeUp | undefined
  readonly #siblings: Siblings | undefined
  readonly #sealer: TokenSealer
  readonly #coherence: Coherence
  readonly #memory: MemoryTier
  readonly #hotKeys: HotKeys | undefined
  readonly #filler: Filler
  readonly #reader: Reader
  readonly #explainTools: ExplainTools
  readonly #past: PastOptions
  readonly #maintenance: Maintenance
  readonly #shadow: ShadowReads | undefined
  readonly #onEvent: NonNullable<CacheOptions['onEvent']>

  constructor(options: CacheOptions) {
    const { log, entities, secrets, remote, wakeUp, siblings, env = systemEnv, onEvent = () => undefined, omit = new Set() } = options
    const { observer, stalenessBoundMs = 1000 } = options
    this.enabled = options.enabled ?? true
    this.#env = env
    this.#log = log
    this.#entities = entities
    this.#wakeUp = wakeUp
    this.#siblings = siblings
    this.#onEvent = onEvent
    this.#sealer = new TokenSealer(secrets, () => env.random())
    this.#hotKeys = options.hotKeys ? new HotKeys(env, options.hotKeys) : undefined
    this.#memory = new MemoryTier({ env, maxBytes: options.memoryBytes ?? 64 * 2 ** 20, hotKeys: this.#hotKeys, onEvent })
    const clear = () => this.#memory.clear()
    const coherence = new Coherence({
      env,
      log,
      tickMs: options.tickMs ?? 75,
      isHinted: () => !this.follower.isFollowed && (wakeUp?.isConnected() ?? false),
      stalenessBoundMs,
      sketchColumns: options.sketchColumns ?? 2 ** 20,
      omit,
      observer,
      onReset: clear,
      onVoid: () => this.#maintenance.doubt(),
      onEpoch: () => options.onEpoch?.(),
      onEvent: (event) => {
        onEvent(event)
        this.follower.hear(event)
      },
    })
    this.#coherence = coherence
    this.follower = new LogFollower(coherence, this.#sealer)
    this.#maintenance = new Maintenance({ env, log, entities, logRows: options.logRows ?? 100_000, omit, onEvent, onChange: clear })
    const shared = remote && new SharedTier({ env, remote, secrets, keyPrefix: options.keyPrefix ?? 'tidegate:1', onEvent })
    const reading = { env, coherence, memory: this.#memory, shared }
    const { filler, reader, semaphore, repeats } = createReader({
      ...reading,
      concurrentLoads: options.concurrentLoads ?? 32,
      unwatched: this.#maintenance.unwatched,
      stalenessBoundMs,
      omit,
      onEvent,
      observer,
    })
    this.#filler = filler
    this.#reader = reader
    this.#explainTools = { ...reading, filler, reader }
    this.#past = { env, repeats, onEvent }
    this.inventory = new Inventory({ ...this.#explainTools, repeats })
    const { shadowRate = 0 } = options
    if (shadowRate) this.#shadow = new ShadowReads({ ...options, shadowRate, env, coherence, semaphore, filler, stalenessBoundMs, onEvent })
  }

  /**
   * Reads the end of the invalidation log and then follows the log. Reads may be served only after `start` has resolved. A type whose
   * changes do not reach the log is not cached; an `unwatched` event reports the type. @throws when the log cannot be read.
   */
  async start(): Promise<void> {
    await this.#coherence.start()
    await this.#maintenance.start()
    this.#wakeUp?.listen(() => this.#coherence.hint())
    this.#siblings?.listen(async ({ epoch, clock }) => {
      if (epoch !== this.#coherence.epoch || clock > this.#coherence.clock) await this.#coherence.barrier()
    })
  }

  /** Stops following the log. The log, the shared tier and the connection for hints stay open: the caller of the constructor closes them. */
  async close(): Promise<void> {
    this.#maintenance.close()
    this.#shadow?.close()
    await Promise.all([this.#filler.writes.flush(), this.#coherence.close()])
  }

  /**
   * Opens a session.
   * @param tokens Comma-separated tokens of earlier responses. The token with the latest log position counts. Forged tokens are ignored.
   * @param options.isBackground Whether loads of other sessions come before loads of this session (used for warming).
   */
  openSession(tokens?: string, { isBackground = false }: { readonly isBackground?: boolean } = {}): Session {
    return new Session(tokens === undefined ? undefined : this.#sealer.openAll(tokens), isBackground)
  }

  /**
   * Returns a view of the entries cached in this process, for synchronous lookups before the caller's next `await`. Returns undefined if
   * the cache is off, or if a sync of the invalidation log is needed before the read ({@link getMany} waits for that sync).
   */
  localView({ need }: Session): LocalView | undefined {
    const view = this.#view()
    return this.enabled && this.#coherence.meets(need, view.monotonic, this.#env.now()) ? view : undefined
  }

  /**
   * Returns the values of many requests, in the order of the requests. A request that could not be loaded gets an Error. All misses are
   * loaded in one call of `load`. For a key that another reader is already loading, this method waits for that load.
   */
  async getMany<Value>(
    requests: readonly CacheRequest[],
    policy: CachePolicy,
    load: LoadMany<Value>,
    options: ReadOptions,
  ): Promise<readonly (Value | Error)[]> {
    if (!this.enabled)
      return this.loadPast({ policy: policy.name, cause: 'bypassed', count: requests.length }, () => bypassCache(requests, load, options))
    const sample = this.#shadow?.sample(requests, policy, options)
    const coherent = await this.#catchUp(options.session)
    const params = readParams(requests, policy, load, options, this.#view(), coherent)
    return sample ? sample(params, this.#reader) : this.#reader.read(params)
  }

  /** Returns the value of one request. @throws the error with which the load failed. */
  get<Value>(request: CacheRequest, policy: CachePolicy, load: LoadOne<Value>, options: ReadOptions): Promise<Value> {
    if (options.observe === undefined && !options.refresh && !policy.earlyRefresh && this.#shadow === undefined) {
      const entry = this.localView(options.session)?.fresh(request.key, policy)
      if (entry !== undefined) {
        this.#onEvent({ type: 'read', policy: policy.name, layer: 'l1', count: 1, savedMs: entry.costMs })
        return Promise.resolve(entry.value as Value)
      }
    }
    return this.getMany<Value>([request], policy, async (_, signal) => [await load(signal)], options).then(onlyResult)
  }

  /** Whether shadow mode samples the next composed value, see `ReadOptions.shadow`. */
  drawsShadow(): boolean {
    return this.#shadow?.isChosen() ?? false
  }

  /** Runs a load past the cache, and reports it in the same events as a read. */
  loadPast<Result>(values: PastCache, load: () => Promise<readonly (Result | Error)[]>): Promise<readonly (Result | Error)[]> {
    return loadPastCache(values, load, this.#past)
  }

  /** Reloads the requested values, cached or not (used for warming the cache). */
  async warm<Value>(requests: readonly CacheRequest[], policy: CachePolicy, load: LoadMany<Value>, options: ReadOptions): Promise<void> {
    if (!this.enabled) return
    const coherent = await this.#catchUp(options.session)
    await this.#reader.refresh(readParams(requests, policy, load, options, this.#view(), coherent))
  }

  /** Returns the keys whose hits in this process saved the most load time, hottest first; none unless `hotKeys` is set. */
  hottestKeys(): readonly HotKey[] {
    return this.#hotKeys?.hottest() ?? []
  }

  /** Returns the duration of the load of a cached value, ms; undefined if this process has no copy. */
  costMs(key: CacheKey): number | undefined {
    return this.#memory.peek(key.text)?.entry.costMs
  }

  /**
   * Copies entries from the shared tier into this process. An entry is copied only if a read would use it now. Nothing is loaded.
   * @param keys Keys of the entries, each with the policy of its values in this process.
   * @returns the number of entries copied.
   */
  async copy(keys: readonly SharedKey[]): Promise<number> {
    return this.enabled ? this.#filler.copy(keys) : 0
  }

  /**
   * Makes a committed write visible to reads. Must be called after COMMIT returned. Once the promise resolves, reads of this session see
   * the write. Reads with the returned token see the write on every instance. Never rejects. If the barrier (a sync of the log) fails, the
   * next read with the token waits for another barrier. To cache the written values, read them with the same session afterwards.
   */
  async acknowledge(session: Session): Promise<string> {
    try {
      await this.#coherence.barrier()
    } catch {
      return this.demandBarrier(session)
    }
    const position = { epoch: this.#coherence.epoch, clock: this.#coherence.clock }
    session.token = this.#sealer.seal(position)
    this.#wakeUp?.send('others')
    await this.#siblings?.applied(position)
    return session.token
  }

  /**
   * Handles a write that may have been committed. It is unknown whether a sync of the log has read the tags of this write. The next read of
   * this instance waits for a barrier (a new sync of the log). Every read with the returned token also waits for a barrier.
   */
  demandBarrier(session: Session): string {
    this.#coherence.distrust()
    session.need = 'barrier'
    session.token = this.#sealer.seal('barrier')
    return session.token
  }

  /**
   * Invalidates all entries that a target describes, on all instances. Resolves once this instance no longer serves these entries.
   * @param cause Reason of the invalidation, see `WriteCause.cause`. @throws RangeError for a type or pattern that matches no declared type.
   */
  async invalidate(target: InvalidationTarget, cause = causeOf('system', 'Cache.invalidate')): Promise<void> {
    await this.#log.append(tagsOfTarget(target, this.#entities), cause)
    await this.#coherence.barrier()
    this.#wakeUp?.send('others')
  }

  /** Returns the newest rows of the invalidation log that this process has applied: by position, or all of them. */
  recentInvalidations(): Pick<RecentInvalidations, 'find' | 'all'> {
    return this.#coherence.recent
  }

  /** Returns a function that tells whether none of its tags was invalidated since, and the log was read within the staleness bound. */
  observeInvalidations(): (tags: readonly string[]) => boolean {
    return observeInvalidations(this.#coherence)
  }

  /** Explains where a value is cached, and why a reader without a consistency token would or would not get it. */
  explain(request: CacheRequest, policy: CachePolicy): Promise<Explanation> {
    return explain(request, policy, this.#explainTools)
  }

  /** Returns the time of the database's clock, Unix epoch ms. Loaders use it for values that depend on the time, and for `until`. */
  now(): number {
    return this.#coherence.now()
  }

  /** Returns the current values of the cache's gauges. */
  stats() {
    return cacheStats({ ...this.#explainTools, maintenance: this.#maintenance })
  }

  #view(): LocalView {
    return new LocalView(this.#memory, this.#coherence, this.#filler.writes, this.#env.monotonic())
  }

  /** Syncs with the log, unless the session's reads may already be served. Returns whether they may be served now. */
  async #catchUp(session: Session): Promise<boolean> {
    try {
      if (!this.#coherence.meets(session.need, this.#env.monotonic(), this.#env.now())) await this.#coherence.reach(session.need)
      session.need = undefined
      return true
    } catch {
      return false
    }
  }
}
