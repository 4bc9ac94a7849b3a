import { Coherence } from './coherence.ts'
import { TokenSealer } from './consistency-token.ts'
import type { Entity } from './entity.ts'
import { type Env, systemEnv, type Timer } from './env.ts'
import type { CacheEvent, CacheListener } from './events.ts'
import { Filler } from './filler.ts'
import type { InvalidationLog } from './invalidation-log.ts'
import { LoadSemaphore } from './load-semaphore.ts'
import { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, Loaded, LoadMany, Outcome, ReadOptions } from './read.ts'
import { Reader } from './reader.ts'
import type { RemoteTier, WakeUp } from './remote-tier.ts'
import { Session } from './session.ts'
import { SharedTier } from './shared-tier.ts'

export interface CacheOptions {
  readonly log: InvalidationLog
  /** The types whose changes the log must carry: each is checked at start and every minute. */
  readonly entities: readonly Entity[]
  /** Protect tokens and entries of the shared tier. The first is used for new ones, all are accepted. */
  readonly secrets: readonly string[]
  /** The shared tier; without it the cache is this process's own. */
  readonly remote?: RemoteTier
  readonly wakeUp?: WakeUp
  /** Put before every key of the shared tier. Default `tidegate:1`. */
  readonly keyPrefix?: string
  /** Estimated bytes of the copies in this process. Default 64 MiB. */
  readonly memoryBytes?: number
  /** Time between two syncs, ms. Default 75. */
  readonly tickMs?: number
  /** How far behind a read without token may be, ms. Default 1000. */
  readonly stalenessBoundMs?: number
  /** Loads that run at once. Default 32. */
  readonly concurrentLoads?: number
  /** Size of the tag sketch: counters in each of its two rows, 16 bytes each in all, a power of two. Default 2^20 (16 MiB). */
  readonly sketchColumns?: number
  /** Rows of the log to keep. Default 100,000. */
  readonly logRows?: number
  /** false: every read goes to the source; writes are acknowledged as ever. */
  readonly enabled?: boolean
  readonly env?: Env
  readonly onEvent?: CacheListener
  /** The database's history changed: loads must use connections opened from now on. */
  readonly onEpoch?: () => void
}

const MAINTENANCE_INTERVAL_MS = 60_000

/**
 * A two-tier read-through cache whose answers are true: a read that carries a write's token never gets an older value, any other
 * read is at most the staleness bound behind, or flagged as stale where its policy allows that.
 */
export class Cache {
  readonly #log: InvalidationLog
  readonly #entities: readonly Entity[]
  readonly #wakeUp: WakeUp | undefined
  readonly #logRows: number
  readonly #enabled: boolean
  readonly #env: Env
  readonly #onEvent: CacheListener
  readonly #sealer: TokenSealer
  readonly #coherence: Coherence
  readonly #memory: MemoryTier
  readonly #reader: Reader
  readonly #unwatched = new Set<string>()
  #maintenance: Timer | undefined
  #closed = false

  constructor(options: CacheOptions) {
    const env = options.env ?? systemEnv
    const onEvent = options.onEvent ?? (() => undefined)
    const stalenessBoundMs = options.stalenessBoundMs ?? 1000
    this.#log = options.log
    this.#entities = options.entities
    this.#wakeUp = options.wakeUp
    this.#logRows = options.logRows ?? 100_000
    this.#enabled = options.enabled ?? true
    this.#env = env
    this.#onEvent = onEvent
    this.#sealer = new TokenSealer(options.secrets)
    this.#memory = new MemoryTier(env, options.memoryBytes ?? 64 * 2 ** 20, () => onEvent({ type: 'evicted', count: 1 }))
    this.#coherence = new Coherence({
      env,
      log: options.log,
      tickMs: options.tickMs ?? 75,
      stalenessBoundMs,
      sketchColumns: options.sketchColumns ?? 2 ** 20,
      onReset: () => this.#memory.clear(),
      onEpoch: () => options.onEpoch?.(),
      onEvent,
    })
    const shared =
      options.remote &&
      new SharedTier({ env, remote: options.remote, secrets: options.secrets, keyPrefix: options.keyPrefix ?? 'tidegate:1', onEvent })
    const filler = new Filler({
      env,
      coherence: this.#coherence,
      memory: this.#memory,
      shared,
      semaphore: new LoadSemaphore(options.concurrentLoads ?? 32),
      unwatched: this.#unwatched,
      onEvent,
    })
    this.#reader = new Reader({ env, coherence: this.#coherence, memory: this.#memory, filler, stalenessBoundMs, onEvent })
  }

  /**
   * Takes up the log and begins to follow it; only then may reads be served.
   * @throws when the log cannot be read. A type that is not watched is not cached, and an `unwatched` event says so.
   */
  async start(): Promise<void> {
    await this.#coherence.start()
    await this.#checkWatches()
    this.#wakeUp?.listen(() => this.#coherence.hint())
    this.#scheduleMaintenance()
  }

  /** Stops following the log. The ports that were given stay open: they belong to who made them. */
  async close(): Promise<void> {
    this.#closed = true
    this.#maintenance?.cancel()
    await this.#coherence.close()
  }

  /** Whether reads go through the cache at all. */
  get enabled(): boolean {
    return this.#enabled
  }

  /** @param token Of an earlier answer. One that was not sealed here counts as none. */
  openSession(token?: string): Session {
    return new Session(token === undefined ? undefined : this.#sealer.open(token))
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
    if (!this.#enabled) return this.#bypass(requests, load, options.observe)
    const { session } = options
    const coherent = this.#coherence.meets(session.need) || (await this.#catchUp(session))
    if (coherent) session.need = undefined
    return this.#reader.read({ requests, policy, load, coherent, need: session.need, observe: options.observe })
  }

  /** One value. @throws what the load threw. */
  async get<Value>(request: CacheRequest, policy: CachePolicy, load: () => Promise<Loaded<Value>>, options: ReadOptions): Promise<Value> {
    const [result] = await this.getMany<Value>([request], policy, async () => [await load()], options)
    if (result instanceof Error) throw result
    return result as Value
  }

  /**
   * To be called after COMMIT returned: when the promise resolves, reads of this session see the write, and the token makes
   * every instance's reads see it. Never rejects: where the barrier fails, the token demands one at its next read.
   */
  async acknowledge(session: Session): Promise<string> {
    try {
      await this.#coherence.barrier()
    } catch {
      return this.demandBarrier(session)
    }
    session.token = this.#sealer.seal({ epoch: this.#coherence.epoch, clock: this.#coherence.clock })
    this.#wakeUp?.send()
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

  /** Invalidates tags for all instances; resolves once this one no longer serves what carries them. */
  async invalidate(tags: readonly string[]): Promise<void> {
    await this.#log.append(tags)
    await this.#coherence.barrier()
    this.#wakeUp?.send()
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
      unwatched: [...this.#unwatched],
    }
  }

  async #catchUp(session: Session): Promise<boolean> {
    try {
      await this.#coherence.reach(session.need)
      return true
    } catch {
      return false
    }
  }

  async #bypass<Value>(
    requests: readonly CacheRequest[],
    load: LoadMany<Value>,
    observe: ((index: number, outcome: Outcome) => void) | undefined,
  ): Promise<readonly (Value | Error)[]> {
    const loaded = await load(requests.map((_, index) => index))
    return loaded.map((outcome, index) => {
      if (outcome instanceof Error) return outcome
      observe?.(index, { layer: 'origin', ageMs: 0, ttlMs: 0, tags: [], reason: 'the cache is off' })
      return outcome.value
    })
  }

  #scheduleMaintenance(): void {
    if (this.#closed) return
    this.#maintenance = this.#env.setTimer(() => {
      void this.#maintain().finally(() => this.#scheduleMaintenance())
    }, MAINTENANCE_INTERVAL_MS)
  }

  async #maintain(): Promise<void> {
    try {
      await this.#checkWatches()
      await this.#log.trim(this.#logRows)
    } catch (error) {
      this.#onEvent({ type: 'maintenance-failed', error } satisfies CacheEvent)
    }
  }

  /** What was cached while a type went unwatched may be wrong: it goes, whenever the answer changes. */
  async #checkWatches(): Promise<void> {
    const found = await this.#log.unwatched(this.#entities)
    const types = new Set(found.map(({ type }) => type))
    for (const { type, reason } of found) this.#onEvent({ type: 'unwatched', entity: type, reason })
    if (types.size === this.#unwatched.size && types.isSubsetOf(this.#unwatched)) return
    this.#unwatched.clear()
    for (const type of types) this.#unwatched.add(type)
    this.#memory.clear()
  }
}
