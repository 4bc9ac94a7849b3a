import type { InvalidationLog, LogRow, RemoteEntry, RemoteTier, Unwatched } from '../../src/cache/index.ts'
import type { Dice, InstanceEnv, Scheduler } from './scheduler.ts'

export interface Version {
  readonly key: number
  /** Unique over the run, growing with the order of commits. */
  readonly version: number
}

interface State {
  readonly epoch: string
  readonly values: ReadonlyMap<number, number>
  readonly log: readonly LogRow[]
  /** Tags of commits that no log row holds yet. */
  readonly pending: readonly string[]
}

/** How far a standby may be behind when it is promoted. */
const MOST_STATES_LOST = 12

/** A database with an invalidation log, as far as the protocol can see it: every request takes effect at one moment. */
export class SimulatedDatabase {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #state: State = { epoch: 'epoch-0', values: new Map(), log: [{ seq: 1, epoch: 'epoch-0', tags: ['*'] }], pending: [] }
  #history: State[] = [this.#state]
  #epochs = 1
  #versions = 0
  readonly #sequencesBeforeCommit: boolean
  reachable = true
  /** Versions that a failover lost, with the moment of the failover. */
  readonly lost = new Map<number, number>()

  /** @param sequencesBeforeCommit A broken log: a row gets its number while its transaction is still open. */
  constructor(scheduler: Scheduler, dice: Dice, sequencesBeforeCommit = false) {
    this.#scheduler = scheduler
    this.#dice = dice
    this.#sequencesBeforeCommit = sequencesBeforeCommit
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
    if (this.#sequencesBeforeCommit) {
      this.#advance({ pending: [...this.#state.pending, ...tags] })
      await this.#scheduler.sleep(this.#dice.between(0, 30))
    }
    return this.#request(
      env,
      () => {
        const version = ++this.#versions
        this.#advance({
          values: new Map(this.#state.values).set(key, version),
          pending: this.#sequencesBeforeCommit ? this.#state.pending : [...this.#state.pending, ...tags],
        })
        return { key, version }
      },
      0.02,
    )
  }

  read(env: InstanceEnv, keys: readonly number[]): Promise<readonly number[]> {
    return this.#request(env, () => keys.map((key) => this.#state.values.get(key) ?? 0), 0.02)
  }

  current(key: number): number {
    return this.#state.values.get(key) ?? 0
  }

  /** A standby that had not received the newest changes is promoted. */
  failOver(): void {
    const kept = this.#history[Math.max(0, this.#history.length - 1 - Math.floor(this.#dice.between(0, MOST_STATES_LOST)))] as State
    for (const [key, version] of this.#state.values) {
      if ((kept.values.get(key) ?? 0) < version) this.lost.set(version, this.#scheduler.now)
    }
    for (const state of this.#history.slice(this.#history.indexOf(kept) + 1)) {
      for (const [key, version] of state.values) if ((kept.values.get(key) ?? 0) < version) this.lost.set(version, this.#scheduler.now)
    }
    this.#history = [kept]
    this.#state = kept
    this.#advance({ epoch: `epoch-${this.#epochs++}` })
  }

  trim(keep: number): void {
    this.#advance({ log: this.#state.log.slice(-Math.max(1, keep)) })
  }

  /** The log as one instance reaches it. */
  logFor(env: InstanceEnv): InvalidationLog {
    const publish = () => {
      const { log, pending, epoch } = this.#state
      const head = log.at(-1) as LogRow
      const tags = [...new Set(head.epoch === epoch ? pending : [...pending, '*'])]
      if (tags.length > 0) this.#advance({ log: [...log, { seq: head.seq + 1, epoch, tags }], pending: [] })
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
      sync: (from, limit, deadlineMs) => {
        const work = this.#request(env, () => sync(from, limit), 0.05)
        work.catch(() => undefined)
        return withDeadline(deadlineMs, work)
      },
      append: (tags) => this.#request(env, () => this.#advance({ pending: [...this.#state.pending, ...tags] }), 0.02),
      bump: () => this.#request(env, () => this.#advance({ epoch: `epoch-${this.#epochs++}` }), 0.02),
      unwatched: async (): Promise<readonly Unwatched[]> => [],
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
