import type { CacheOptions } from './cache-options.ts'
import { Coherence } from './coherence.ts'
import { TokenSealer } from './consistency-token.ts'
import type { Entity } from './entity.ts'
import { type Env, systemEnv } from './env.ts'
import { type ExplainTools, type Explanation, explain, servedCopies } from './explain.ts'
import { Filler } from './filler.ts'
import { type InvalidationTarget, tagsOfTarget } from './invalidation.ts'
import type { InvalidationLog } from './invalidation-log.ts'
import { LoadSemaphore } from './load-semaphore.ts'
import { LocalView } from './local-view.ts'
import { Maintenance } from './maintenance.ts'
import { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, Loaded, LoadMany, Outcome, ReadOptions } from './read.ts'
import { Reader, type ReadTerms } from './reader.ts'
import { ReloadMeter } from './reload-meter.ts'
import type { WakeUp } from './remote-tier.ts'
import { Session } from './session.ts'
import { SharedTier } from './shared-tier.ts'
import type { Siblings } from './siblings.ts'
import { StaleReadProbe } from './stale-read-probe.ts'

/**
 * A two-tier read-through cache whose answers are true: a read that carries a write's token never gets an older value, any other
 * read is at most the staleness bound behind, or flagged as stale where its policy allows that.
 */
export class Cache {
  /** Whether reads go through the cache at all. */
  readonly enabled: boolean
  readonly #env: Env
  readonly #log: InvalidationLog
  readonly #entities: readonly Entity[]
  readonly #wakeUp: WakeUp | undefined
  readonly #siblings: Siblings | undefined
  readonly #sealer: TokenSealer
  readonly #coherence: Coherence
  readonly #memory: MemoryTier
  readonly #reader: Reader
  readonly #explainTools: ExplainTools
  readonly #maintenance: Maintenance
  readonly #probe: StaleReadProbe | undefined
  readonly #meter: ReloadMeter | undefined
  readonly #onEvent: NonNullable<CacheOptions['onEvent']>

  constructor(options: CacheOptions) {
    const { log, entities, secrets, remote, wakeUp, siblings, env = systemEnv, onEvent = () => undefined, omit = new Set() } = options
    const stalenessBoundMs = options.stalenessBoundMs ?? 1000
    this.enabled = options.enabled ?? true
    this.#env = env
    this.#log = log
    this.#entities = entities
    this.#wakeUp = wakeUp
    this.#siblings = siblings
    this.#onEvent = onEvent
    this.#sealer = new TokenSealer(secrets, () => env.random())
    const maxBytes = options.memoryBytes ?? 64 * 2 ** 20
    this.#memory = new MemoryTier({ env, maxBytes, onEvict: () => onEvent({ type: 'evicted', count: 1 }) })
    const coherence = new Coherence({
      env,
      log,
      tickMs: options.tickMs ?? 75,
      isHinted: () => wakeUp?.isConnected() ?? false,
      stalenessBoundMs,
      sketchColumns: options.sketchColumns ?? 2 ** 20,
      omit,
      onReset: () => this.#memory.clear(),
      onVoid: () => this.#maintenance.doubt(),
      onEpoch: () => options.onEpoch?.(),
      onEvent: (event) => {
        onEvent(event)
        if (event.type === 'invalidated') this.#probe?.logApplied()
      },
    })
    this.#coherence = coherence
    this.#maintenance = new Maintenance({
      env,
      log,
      entities,
      logRows: options.logRows ?? 100_000,
      omit,
      onEvent,
      onChange: () => this.#memory.clear(),
    })
    const shared = remote && new SharedTier({ env, remote, secrets, keyPrefix: options.keyPrefix ?? 'tidegate:1', onEvent })
    const filler = new Filler({
      env,
      coherence,
      memory: this.#memory,
      shared,
      semaphore: new LoadSemaphore(options.concurrentLoads ?? 32),
      unwatched: this.#maintenance.unwatched,
      omit,
      onEvent,
    })
    this.#reader = new Reader({ env, coherence, filler, stalenessBoundMs, omit, onEvent })
    this.#explainTools = { env, coherence, memory: this.#memory, shared, filler, reader: this.#reader }
    if (options.measureReloads) this.#meter = new ReloadMeter({ memory: this.#memory, coherence, onEvent })
    if (options.probeRate) {
      const kept = (request: CacheRequest, policy: CachePolicy) => servedCopies(request, policy, this.#explainTools)
      this.#probe = new StaleReadProbe({ env, rate: options.probeRate, coherence, kept, onEvent })
    }
  }

  /**
   * Takes up the log and begins to follow it; only then may reads be served.
   * @throws when the log cannot be read. A type that is not watched is not cached, and an `unwatched` event says so.
   */
  async start(): Promise<void> {
    await this.#coherence.start()
    await this.#maintenance.start()
    this.#wakeUp?.listen(() => this.#coherence.hint())
    this.#siblings?.listen(async ({ epoch, clock }) => {
      if (epoch !== this.#coherence.epoch || clock > this.#coherence.clock) await this.#coherence.barrier()
    })
  }

  /** Stops following the log. The ports that were given stay open: they belong to who made them. */
  async close(): Promise<void> {
    this.#maintenance.close()
    this.#probe?.close()
    await this.#coherence.close()
  }

  /** @param tokens Of earlier answers, one or several separated by commas: the greatest counts. One that was not sealed here counts as none. */
  openSession(tokens?: string): Session {
    return new Session(tokens === undefined ? undefined : this.#sealer.openAll(tokens))
  }

  /**
   * This process's copies for lookups without a promise, within the synchronous section of the caller; undefined where a session
   * must wait for a barrier first, which {@link getMany} does.
   */
  localView({ need }: Session): LocalView | undefined {
    const view = this.#view()
    return this.enabled && this.#coherence.meets(need, view.monotonic, this.#env.now()) ? view : undefined
  }

  /**
   * The values of many requests, in their order; an Error for those that could not be loaded. All that are missing are loaded in
   * one call of `load`, or awaited where another reader is loading them already. Every guarantee of {@link get} holds for each.
   */
  async getMany<Value>(
    requests: readonly CacheRequest[],
    policy: CachePolicy,
    load: LoadMany<Value>,
    options: ReadOptions,
  ): Promise<readonly (Value | Error)[]> {
    if (!this.enabled) return this.#bypass(requests, load, options)
    const measured = this.#meter?.measured(requests, policy, load) ?? load
    const terms = this.#terms(requests, policy, measured, options, await this.#catchUp(options.session))
    if (this.#probe && !policy.composed)
      for (let index = 0; index < requests.length; index++) this.#probe.offer(requests[index] as CacheRequest, index, policy, load)
    return this.#reader.read(terms)
  }

  /** One value. @throws what the load threw. */
  get<Value>(
    request: CacheRequest,
    policy: CachePolicy,
    load: (signal: AbortSignal) => Promise<Loaded<Value>>,
    options: ReadOptions,
  ): Promise<Value> {
    if (options.observe === undefined && !options.refresh && !policy.earlyRefresh && this.#probe === undefined) {
      const value = this.localView(options.session)?.getIfPresent<Value>(request.key)
      if (value !== undefined) {
        this.#onEvent({ type: 'read', policy: policy.name, layer: 'l1', count: 1 })
        return Promise.resolve(value)
      }
    }
    return this.#getOne(request, policy, load, options)
  }

  /** Loads anew whatever is kept, to have it ready for those who come. */
  async warm<Value>(requests: readonly CacheRequest[], policy: CachePolicy, load: LoadMany<Value>, options: ReadOptions): Promise<void> {
    if (!this.enabled) return
    await this.#reader.refresh(this.#terms(requests, policy, load, options, await this.#catchUp(options.session)))
  }

  /**
   * To be called after COMMIT returned: when the promise resolves, reads of this session see the write, and the token makes
   * every instance's reads see it. Never rejects: where the barrier fails, the token demands one at its next read. To write
   * through, read what was written with the same session now.
   */
  async acknowledge(session: Session): Promise<string> {
    try {
      await this.#coherence.barrier()
    } catch {
      return this.demandBarrier(session)
    }
    const position = { epoch: this.#coherence.epoch, clock: this.#coherence.clock }
    session.token = this.#sealer.seal(position)
    this.#wakeUp?.send()
    await this.#siblings?.applied(position)
    return session.token
  }

  /**
   * For a write that no sync has seen or whose outcome is not known: the next read of this instance waits for a barrier, and so does
   * every read with the token.
   */
  demandBarrier(session: Session): string {
    this.#coherence.distrust()
    session.need = 'barrier'
    session.token = this.#sealer.seal('barrier')
    return session.token
  }

  /**
   * Makes what carries the tags, or what the target stands for, void on all instances; resolves once this one no longer serves it.
   * @throws RangeError for a type or pattern that fits no declared type.
   */
  async invalidate(target: InvalidationTarget): Promise<void> {
    await this.#log.append(tagsOfTarget(target, this.#entities))
    await this.#coherence.barrier()
    this.#wakeUp?.send()
  }

  /** Where a value is in the cache, and why a reader without a token would or would not be served it. */
  explain(request: CacheRequest, policy: CachePolicy): Promise<Explanation> {
    return explain(request, policy, this.#explainTools)
  }

  /** The time by the log's database, Unix epoch ms: that of loads which depend on it, and of the `until` of their results. */
  now(): number {
    return this.#coherence.now()
  }

  /** Figures of this moment. */
  stats() {
    return {
      clock: this.#coherence.clock,
      lagMs: this.#coherence.lagMs,
      hasLease: this.#coherence.hasLease,
      memoryEntries: this.#memory.size,
      memoryBytes: this.#memory.bytes,
      loadsInFlight: this.#reader.loadsInFlight,
      unwatched: [...this.#maintenance.unwatched],
    }
  }

  async #getOne<Value>(
    request: CacheRequest,
    policy: CachePolicy,
    load: (signal: AbortSignal) => Promise<Loaded<Value>>,
    options: ReadOptions,
  ): Promise<Value> {
    const [result] = await this.getMany<Value>([request], policy, async (_, signal) => [await load(signal)], options)
    if (result instanceof Error) throw result
    return result as Value
  }

  #view(): LocalView {
    return new LocalView(this.#memory, this.#coherence, this.#env.monotonic())
  }

  #terms<Value>(
    requests: readonly CacheRequest[],
    policy: CachePolicy,
    load: LoadMany<Value>,
    { session, observe, refresh = false, fresh = false, deadlineMs = Number.POSITIVE_INFINITY, signal }: ReadOptions,
    coherent: boolean,
  ): ReadTerms<Value> {
    const view = this.#view()
    const leavesAt = view.monotonic + deadlineMs
    return { requests, policy, load, view, coherent, need: session.need, observe, refresh, fresh, leavesAt, signal }
  }

  /** Whether the log is followed up to what the session needs. */
  async #catchUp(session: Session): Promise<boolean> {
    try {
      if (!this.#coherence.meets(session.need, this.#env.monotonic(), this.#env.now())) await this.#coherence.reach(session.need)
      session.need = undefined
      return true
    } catch {
      return false
    }
  }

  async #bypass<Value>(requests: readonly CacheRequest[], load: LoadMany<Value>, { observe, signal }: ReadOptions) {
    const loaded = await load(
      requests.map((_, index) => index),
      signal ?? new AbortController().signal,
    )
    return loaded.map((outcome, index) => {
      if (outcome instanceof Error) return outcome
      observe?.(index, {
        layer: 'origin',
        ageMs: 0,
        ttlMs: 0,
        until: Number.POSITIVE_INFINITY,
        tags: [],
        reason: 'the cache is off',
      } satisfies Outcome)
      return outcome.value
    })
  }
}
