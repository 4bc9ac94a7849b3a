import type { InvalidationLog, LogRow, RemoteEntry, RemoteTier, Unwatched, WriteCause } from '#src/engine/cache/index.ts'
import type { Dice, InstanceEnv, Scheduler } from './scheduler.ts'

export interface Version {
  readonly key: number
  /** Number of the version: unique in a simulated run, and increasing in the order of the commits. */
  readonly version: number
}

interface Row extends LogRow {
  /** State of the system catalogue (tables and triggers), as a number, when the log row was written. */
  readonly catalogue: number
}

interface Pending {
  readonly tags: readonly string[]
  readonly cause: string
  /** Time of the write by the database's clock, Unix epoch ms. */
  readonly at: number
}

interface State {
  /** System identifier and timeline of the server. */
  readonly server: string
  /**
   * Row of the unlogged table that contains the identity of the log; undefined if the table is empty or its row belongs to another server.
   */
  readonly identity: string | undefined
  readonly values: ReadonlyMap<number, number>
  readonly log: readonly Row[]
  /** Committed writes whose tags are not yet in any row of the invalidation log. */
  readonly pending: readonly Pending[]
  /** Number that changes with every change of tables and triggers. */
  readonly catalogue: number
  /** Whether the triggers in the database are those that the instances declare. */
  readonly watched: boolean
}

/** Flaws of a broken database. With each flaw, the simulation must find wrong answers. */
export interface DatabaseFlaws {
  /** A row of the invalidation log gets its number while its transaction is still open. */
  readonly sequencesBeforeCommit?: boolean
  /** A dump contains the identity of the invalidation log, which stays valid wherever the dump is restored. */
  readonly identityRestored?: boolean
  /** The identity of the invalidation log survives a crash, but the crash loses tags that were not yet published. */
  readonly identitySurvivesCrash?: boolean
  /** A promoted standby keeps the identity and the timeline of its primary. */
  readonly identityPromoted?: boolean
  /** Changes of tables and triggers do not invalidate anything. */
  readonly catalogueIgnored?: boolean
}

/** Maximum number of changes of the primary that a promoted standby has not received. */
const MAX_STATES_LOST = 12

/** A database with an invalidation log, as far as the cache protocol sees it. Every request takes effect at a single moment. */
export class SimulatedDatabase {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #state: State = {
    server: 'server-0:1',
    identity: 'id-0',
    values: new Map(),
    log: [{ seq: 1, epoch: 'server-0:1:id-0', at: 0, tags: ['*'], causes: [], catalogue: 0 }],
    pending: [],
    catalogue: 0,
    watched: true,
  }
  #history: State[] = [this.#state]
  #dump: State | undefined
  #names = 1
  #versions = 0
  readonly #written = new Map<number, number[]>()
  readonly #flaws: DatabaseFlaws
  /** Epoch of the restored file-level copy (cold copy) of the database; undefined if none was restored. */
  #copiedEpoch: string | undefined
  readonly #broughtBack = new Map<number, number>()
  reachable = true
  /** Versions that a restore or failover has lost, each with the time of the loss, ms of the simulation. */
  readonly lost = new Map<number, number>()

  constructor(scheduler: Scheduler, dice: Dice, flaws: DatabaseFlaws = {}) {
    this.#scheduler = scheduler
    this.#dice = dice
    this.#flaws = flaws
  }

  /**
   * Simulates a round trip between an instance and the database: half of the time passes before the effect and half after it. The message
   * of either half may be lost.
   */
  async #request<Result>(env: InstanceEnv, effect: () => Result, lossRate: number): Promise<Result> {
    await this.#scheduler.sleep(this.#dice.between(0.2, this.#dice.chance(0.1) ? 80 : 3))
    if (!this.reachable || this.#dice.chance(lossRate)) throw new Error('The database cannot be reached.')
    const result = effect()
    await this.#scheduler.sleep(this.#dice.between(0.2, this.#dice.chance(0.1) ? 200 : 3))
    if (this.#dice.chance(lossRate)) throw new Error('The connection was lost.')
    await env.awake()
    return result
  }

  #advance(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
    this.#history.push(this.#state)
    if (this.#history.length > 2 * MAX_STATES_LOST) this.#history.splice(0, MAX_STATES_LOST)
  }

  /** Commits a new version of a row, and its tags. The response may be lost. */
  async write(env: InstanceEnv, key: number, tags: readonly string[]): Promise<Version> {
    const { sequencesBeforeCommit } = this.#flaws
    if (sequencesBeforeCommit) {
      this.#advance({ pending: this.#emit(tags) })
      await this.#scheduler.sleep(this.#dice.between(0, 30))
    }
    return this.#request(
      env,
      () => {
        const version = this.#nextVersion(key)
        const emitted = sequencesBeforeCommit || !this.#state.watched ? [] : tags
        this.#advance({ values: new Map(this.#state.values).set(key, version), pending: this.#emit(emitted) })
        return { key, version }
      },
      0.02,
    )
  }

  /** Commits a new version while the triggers are disabled, and enables them again in the same transaction. */
  writeWithoutTriggers(key: number): Version {
    const version = this.#nextVersion(key)
    this.#advance({ values: new Map(this.#state.values).set(key, version), catalogue: this.#state.catalogue + 1 })
    return { key, version }
  }

  /** Simulates another release that installs other triggers, or the same triggers again. */
  watch(watched: boolean): void {
    this.#advance({ watched, catalogue: this.#state.catalogue + 1 })
  }

  #emit(tags: readonly string[], cause = 'mutation write'): readonly Pending[] {
    return tags.length === 0 ? this.#state.pending : [...this.#state.pending, { tags, cause, at: this.now }]
  }

  #nextVersion(key: number): number {
    const version = ++this.#versions
    this.#written.set(key, [...(this.#written.get(key) ?? []), version])
    return version
  }

  read(env: InstanceEnv, keys: readonly number[]): Promise<readonly number[]> {
    return this.#request(env, () => keys.map((key) => this.#state.values.get(key) ?? 0), 0.02)
  }

  /** Returns whether the database has contained the version without interruption since the given moment. */
  isKeptSince(moment: number, version: number): boolean {
    return !this.lost.has(version) && (this.#broughtBack.get(version) ?? Number.NEGATIVE_INFINITY) < moment
  }

  /** Current time of the database's clock, Unix epoch ms. */
  get now(): number {
    return 1_700_000_000_000 + this.#scheduler.now
  }

  current(key: number): number {
    return this.#state.values.get(key) ?? 0
  }

  /** Promotes a standby that has not received the newest changes of the primary. */
  failOver(): void {
    const kept = this.#history[Math.max(0, this.#history.length - 1 - Math.floor(this.#dice.between(0, MAX_STATES_LOST)))] as State
    const isNoticed = !this.#flaws.identityPromoted
    this.#goBackTo(kept, { pending: [], ...(isNoticed ? { identity: undefined, server: `server-0:${++this.#names}` } : {}) })
  }

  /**
   * Crashes the database, which loses transactions with asynchronous commit, except those before the newest row of the invalidation log:
   * writing a row flushes all earlier transactions.
   */
  crash(): void {
    const flushed = this.#history.findLastIndex((state, index) => index === 0 || state.log !== this.#history[index - 1]?.log)
    const kept = this.#history[Math.floor(this.#dice.between(flushed, this.#history.length))] as State
    this.#goBackTo(kept, { pending: [], ...(this.#flaws.identitySurvivesCrash ? {} : { identity: undefined }) })
  }

  dump(): void {
    this.#dump = this.#state
  }

  /**
   * Restores the last dump, if there is one.
   * @param inPlace Whether the dump is restored on the same server; otherwise another server takes over.
   */
  restoreDump(inPlace: boolean): void {
    if (!this.#dump) return
    const server = inPlace || this.#flaws.identityRestored ? this.#state.server : `server-${this.#names++}:1`
    this.#goBackTo(this.#dump, { server, ...(this.#flaws.identityRestored ? {} : { identity: undefined }) })
  }

  /**
   * Restores a file-level copy (cold copy) of the database. The log keeps its identity, so only an instance that has applied more rows than
   * the copy contains can notice the restore.
   * @param clock Lowest of the log positions that the instances have applied.
   */
  setBackCopy(clock: number): void {
    const epoch = this.#state.log.at(-1)?.epoch
    const copies = this.#history.filter(({ log }) => log.at(-1)?.epoch === epoch && (log.at(-1)?.seq ?? 0) < clock)
    if (copies.length === 0) return
    this.#goBackTo(this.#dice.pick(copies), {})
    this.#copiedEpoch = epoch
  }

  /** Returns whether a file-level copy was restored and no new epoch has started since. */
  get isUnnoticedCopy(): boolean {
    return this.#copiedEpoch !== undefined && this.#state.log.at(-1)?.epoch === this.#copiedEpoch
  }

  #goBackTo(kept: State, change: Partial<State>): void {
    for (const [key, versions] of this.#written) {
      const value = kept.values.get(key) ?? 0
      for (const version of versions) if (version > value && !this.lost.has(version)) this.lost.set(version, this.#scheduler.now)
      // A dump may contain versions that an earlier restore or failover had lost.
      if (this.lost.delete(value)) this.#broughtBack.set(value, this.#scheduler.now)
    }
    this.#history = [kept]
    this.#state = kept
    this.#advance(change)
  }

  trim(keep: number): void {
    this.#advance({ log: this.#state.log.slice(-Math.max(1, keep)) })
  }

  /** Returns the invalidation log as one instance reaches it. */
  logFor(env: InstanceEnv): InvalidationLog {
    const publish = () => {
      if (this.#state.identity === undefined) this.#advance({ identity: `id-${this.#names++}`, pending: [] })
      const { log, pending, server, identity, catalogue } = this.#state
      const epoch = `${server}:${identity}`
      const head = log.at(-1) as Row
      const isContinued = head.epoch === epoch && (head.catalogue === catalogue || this.#flaws.catalogueIgnored)
      const emitted = pending.flatMap((written) => written.tags)
      const tags = [...new Set(isContinued ? emitted : [...emitted, '*'])]
      const row = { seq: head.seq + 1, epoch, at: this.now, tags, causes: causesOf(pending), catalogue }
      if (tags.length > 0) this.#advance({ log: [...log, row], pending: [] })
    }
    const sync = (from: number | null, limit: number) => {
      publish()
      const { log } = this.#state
      const oldest = log[0]?.seq ?? 0
      return from === null ? log.slice(-limit) : from < oldest ? log.slice(0, limit) : log.slice(from - oldest, from - oldest + limit)
    }
    const withDeadline = async <Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> => {
      const { promise, reject } = Promise.withResolvers<Result>()
      const timer = env.setTimer(() => reject(new Error('The sync took too long.')), deadlineMs)
      try {
        return await Promise.race([work, promise])
      } finally {
        timer.cancel()
      }
    }
    return {
      sync: (from, limit, deadlineMs, onTime) => {
        const read = async () => {
          const { rows, now } = await this.#request(env, () => ({ rows: sync(from, limit), now: this.now }), 0.05)
          onTime?.(now)
          return rows
        }
        const work = read()
        work.catch(() => undefined)
        return withDeadline(deadlineMs, work)
      },
      append: (tags, cause) => this.#request(env, () => this.#advance({ pending: this.#emit(tags, cause) }), 0.02),
      bump: () => this.#request(env, () => this.#advance({ identity: undefined }), 0.02),
      unwatched: (entities): Promise<readonly Unwatched[]> => {
        const found = () => (this.#state.watched ? [] : entities.map(({ type }) => ({ type, reason: 'its triggers are others' })))
        return this.#request(env, found, 0.05)
      },
      trim: async () => undefined,
      close: async () => undefined,
    }
  }
}

function causesOf(pending: readonly Pending[]): readonly WriteCause[] {
  const byCause = Map.groupBy(pending, ({ cause }) => cause)
  return [...byCause].map(([cause, writes]) => {
    const tags = [...new Set(writes.flatMap((written) => written.tags))]
    const times = writes.map(({ at }) => at)
    const named = byCause.size > 1 ? { tags } : {}
    return { cause, writes: writes.length, firstAt: Math.min(...times), lastAt: Math.max(...times), tagCount: tags.length, ...named }
  })
}

/** A shared cache tier that loses, delays, reorders and corrupts values, and restores old ones. */
export class SimulatedRemote {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #entries = new Map<string, Uint8Array>()
  #dump = new Map<string, Uint8Array>()
  /** Keys that were added, each with its value and the time at which it ends. No other keys are added. */
  #claims = new Map<string, { readonly bytes: Uint8Array; readonly endsAt: number }>()
  reachable = true

  constructor(scheduler: Scheduler, dice: Dice) {
    this.#scheduler = scheduler
    this.#dice = dice
  }

  flush(): void {
    this.#entries.clear()
    this.#claims.clear()
  }

  save(): void {
    this.#dump = new Map(this.#entries)
  }

  restore(): void {
    this.#entries = new Map(this.#dump)
  }

  mixUp(): void {
    const claims = [...this.#claims.keys()]
    const claimed = claims.length > 1 ? this.#claims.get(this.#dice.pick(claims)) : undefined
    if (claimed) this.#claims.set(this.#dice.pick(claims), claimed)
    const keys = [...this.#entries.keys()]
    if (keys.length < 2) return
    const from = this.#entries.get(this.#dice.pick(keys))
    if (from) this.#entries.set(this.#dice.pick(keys), from)
  }

  #claim(key: string): Uint8Array | undefined {
    const claim = this.#claims.get(key)
    return claim && claim.endsAt > this.#scheduler.now ? claim.bytes : undefined
  }

  /** @param process The process that uses the tier. When it has died, it sends nothing any more. */
  tierFor(env: InstanceEnv, process: { readonly isDead: boolean }): RemoteTier {
    const travel = async () => {
      if (process.isDead) throw new Error('The process has died.')
      await this.#scheduler.sleep(this.#dice.between(0.1, this.#dice.chance(0.1) ? 60 : 2))
      if (!this.reachable || this.#dice.chance(0.02)) throw new Error('The shared tier cannot be reached.')
    }
    return {
      getMany: async (keys) => {
        await travel()
        const found = keys.map((key) => this.#claim(key) ?? this.#entries.get(key) ?? null)
        await travel()
        await env.awake()
        return found
      },
      setMany: async (entries: readonly RemoteEntry[]) => {
        await travel()
        const lateMs = this.#dice.chance(0.1) ? this.#dice.between(0, 3000) : 0
        this.#scheduler.at(this.#scheduler.now + lateMs, () => {
          for (const { key, bytes, ttlMs } of entries) {
            if (this.#claims.has(key)) this.#claims.set(key, { bytes, endsAt: this.#scheduler.now + ttlMs })
            else this.#entries.set(key, bytes)
          }
        })
        await travel()
      },
      deleteMany: async (keys) => {
        await travel()
        for (const key of keys) this.#claims.delete(key)
        await travel()
      },
      addMany: async (entries) => {
        await travel()
        const added = entries.map(({ key }) => !this.#claim(key) || this.#dice.chance(0.05))
        for (const [index, { key, bytes, ttlMs }] of entries.entries())
          if (added[index]) this.#claims.set(key, { bytes, endsAt: this.#scheduler.now + ttlMs })
        await travel()
        await env.awake()
        return added
      },
      close: async () => undefined,
    }
  }
}
