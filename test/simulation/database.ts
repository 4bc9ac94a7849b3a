import type { InvalidationLog, LogRow, RemoteEntry, RemoteTier, Unwatched } from '../../src/cache/index.ts'
import type { Dice, InstanceEnv, Scheduler } from './scheduler.ts'

export interface Version {
  readonly key: number
  /** Unique over the run, growing with the order of commits. */
  readonly version: number
}

interface Row extends LogRow {
  /** State of the catalogue that the row notes. */
  readonly catalogue: number
}

interface State {
  /** System identifier and timeline. */
  readonly server: string
  /** Row of the unlogged table; undefined when it is empty or belongs to another place. */
  readonly identity: string | undefined
  readonly values: ReadonlyMap<number, number>
  readonly log: readonly Row[]
  /** Tags of commits that no log row holds yet. */
  readonly pending: readonly string[]
  /** Changes with every change of tables and triggers. */
  readonly catalogue: number
  /** Whether the triggers are those that instances declare. */
  readonly watched: boolean
}

/** Flaws of a broken database, for variants of the protocol. */
export interface DatabaseFlaws {
  /** A row of the log gets its number while its transaction is still open. */
  readonly sequencesBeforeCommit?: boolean
  /** The identity of the log is in the dump and is valid wherever it is restored. */
  readonly identityRestored?: boolean
  /** The identity of the log is not lost in a crash, but the rows that were not published yet are. */
  readonly identitySurvivesCrash?: boolean
  /** The identity of a standby is that of its primary, and so is its timeline. */
  readonly identityPromoted?: boolean
  /** Changes of tables and triggers are not noticed. */
  readonly catalogueIgnored?: boolean
}

/** How far a standby may be behind when it is promoted. */
const MOST_STATES_LOST = 12

/** A database with an invalidation log, as far as the protocol can see it: every request takes effect at one moment. */
export class SimulatedDatabase {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #state: State = {
    server: 'server-0:1',
    identity: 'id-0',
    values: new Map(),
    log: [{ seq: 1, epoch: 'server-0:1:id-0', at: 0, tags: ['*'], catalogue: 0 }],
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
  reachable = true
  /** Versions that the database went back behind, with the moment. */
  readonly lost = new Map<number, number>()

  constructor(scheduler: Scheduler, dice: Dice, flaws: DatabaseFlaws = {}) {
    this.#scheduler = scheduler
    this.#dice = dice
    this.#flaws = flaws
  }

  /** Round trip: half before the effect, half after it; either half may lose the message. */
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
    if (this.#history.length > 2 * MOST_STATES_LOST) this.#history.splice(0, MOST_STATES_LOST)
  }

  /** Commits a new version of a row with its tags; the reply may be lost. */
  async write(env: InstanceEnv, key: number, tags: readonly string[]): Promise<Version> {
    const { sequencesBeforeCommit } = this.#flaws
    if (sequencesBeforeCommit) {
      this.#advance({ pending: [...this.#state.pending, ...tags] })
      await this.#scheduler.sleep(this.#dice.between(0, 30))
    }
    return this.#request(
      env,
      () => {
        const version = this.#nextVersion(key)
        const emitted = sequencesBeforeCommit || !this.#state.watched ? [] : tags
        this.#advance({ values: new Map(this.#state.values).set(key, version), pending: [...this.#state.pending, ...emitted] })
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

  /** Another release installs other triggers, or these again. */
  watch(watched: boolean): void {
    this.#advance({ watched, catalogue: this.#state.catalogue + 1 })
  }

  #nextVersion(key: number): number {
    const version = ++this.#versions
    this.#written.set(key, [...(this.#written.get(key) ?? []), version])
    return version
  }

  read(env: InstanceEnv, keys: readonly number[]): Promise<readonly number[]> {
    return this.#request(env, () => keys.map((key) => this.#state.values.get(key) ?? 0), 0.02)
  }

  /** Unix epoch, ms. */
  get now(): number {
    return 1_700_000_000_000 + this.#scheduler.now
  }

  current(key: number): number {
    return this.#state.values.get(key) ?? 0
  }

  /** A standby that had not received the newest changes is promoted. */
  failOver(): void {
    const kept = this.#history[Math.max(0, this.#history.length - 1 - Math.floor(this.#dice.between(0, MOST_STATES_LOST)))] as State
    const isNoticed = !this.#flaws.identityPromoted
    this.#goBackTo(kept, { pending: [], ...(isNoticed ? { identity: undefined, server: `server-0:${++this.#names}` } : {}) })
  }

  /** Loses transactions that were committed asynchronously. A row of the log is flushed, and so is all that came before it. */
  crash(): void {
    const flushed = this.#history.findLastIndex((state, index) => index === 0 || state.log !== this.#history[index - 1]?.log)
    const kept = this.#history[Math.floor(this.#dice.between(flushed, this.#history.length))] as State
    this.#goBackTo(kept, { pending: [], ...(this.#flaws.identitySurvivesCrash ? {} : { identity: undefined }) })
  }

  dump(): void {
    this.#dump = this.#state
  }

  /** @param inPlace Otherwise another server takes over. */
  restoreDump(inPlace: boolean): void {
    if (!this.#dump) return
    const server = inPlace || this.#flaws.identityRestored ? this.#state.server : `server-${this.#names++}:1`
    this.#goBackTo(this.#dump, { server, ...(this.#flaws.identityRestored ? {} : { identity: undefined }) })
  }

  /**
   * A cold copy is set back: the log's identity is the same, so only an instance that has applied more than the copy's log can tell.
   * @param clock What every instance has applied at least.
   */
  setBackCopy(clock: number): void {
    const epoch = this.#state.log.at(-1)?.epoch
    const copies = this.#history.filter(({ log }) => log.at(-1)?.epoch === epoch && (log.at(-1)?.seq ?? 0) < clock)
    if (copies.length > 0) this.#goBackTo(this.#dice.pick(copies), {})
  }

  #goBackTo(kept: State, change: Partial<State>): void {
    for (const [key, versions] of this.#written) {
      const value = kept.values.get(key) ?? 0
      for (const version of versions) if (version > value && !this.lost.has(version)) this.lost.set(version, this.#scheduler.now)
      // A dump may bring back what was lost before.
      this.lost.delete(value)
    }
    this.#history = [kept]
    this.#state = kept
    this.#advance(change)
  }

  trim(keep: number): void {
    this.#advance({ log: this.#state.log.slice(-Math.max(1, keep)) })
  }

  /** The log as one instance reaches it. */
  logFor(env: InstanceEnv): InvalidationLog {
    const publish = () => {
      if (this.#state.identity === undefined) this.#advance({ identity: `id-${this.#names++}`, pending: [] })
      const { log, pending, server, identity, catalogue } = this.#state
      const epoch = `${server}:${identity}`
      const head = log.at(-1) as Row
      const isContinued = head.epoch === epoch && (head.catalogue === catalogue || this.#flaws.catalogueIgnored)
      const tags = [...new Set(isContinued ? pending : [...pending, '*'])]
      if (tags.length > 0)
        this.#advance({ log: [...log, { seq: head.seq + 1, epoch, at: this.#scheduler.now, tags, catalogue }], pending: [] })
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
      append: (tags) => this.#request(env, () => this.#advance({ pending: [...this.#state.pending, ...tags] }), 0.02),
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

/** A shared tier that loses, delays, reorders, damages and brings back values. */
export class SimulatedRemote {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #entries = new Map<string, Uint8Array>()
  #dump = new Map<string, Uint8Array>()
  reachable = true

  constructor(scheduler: Scheduler, dice: Dice) {
    this.#scheduler = scheduler
    this.#dice = dice
  }

  flush(): void {
    this.#entries.clear()
  }

  save(): void {
    this.#dump = new Map(this.#entries)
  }

  restore(): void {
    this.#entries = new Map(this.#dump)
  }

  mixUp(): void {
    const keys = [...this.#entries.keys()]
    if (keys.length < 2) return
    const from = this.#entries.get(this.#dice.pick(keys))
    if (from) this.#entries.set(this.#dice.pick(keys), from)
  }

  tierFor(env: InstanceEnv): RemoteTier {
    const travel = async () => {
      await this.#scheduler.sleep(this.#dice.between(0.1, this.#dice.chance(0.1) ? 60 : 2))
      if (!this.reachable || this.#dice.chance(0.02)) throw new Error('The shared tier cannot be reached.')
    }
    return {
      getMany: async (keys) => {
        await travel()
        const found = keys.map((key) => this.#entries.get(key) ?? null)
        await travel()
        await env.awake()
        return found
      },
      setMany: async (entries: readonly RemoteEntry[]) => {
        await travel()
        const lateMs = this.#dice.chance(0.1) ? this.#dice.between(0, 3000) : 0
        this.#scheduler.at(this.#scheduler.now + lateMs, () => {
          for (const { key, bytes } of entries) this.#entries.set(key, bytes)
        })
        await travel()
      },
      deleteMany: async () => undefined,
      close: async () => undefined,
    }
  }
}
