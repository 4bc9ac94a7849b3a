import type { Coherence } from '../log/coherence.ts'
import type { Env, Timer } from '../model/env.ts'
import { EpochDigest } from '../model/epoch-digest.ts'
import type { CacheListener, TurnOutcome } from '../model/events.ts'
import type { CachePolicy } from '../model/policy.ts'
import { completeTags } from '../model/tags.ts'
import { CLAIM_MS, type SharedTier } from '../shared/shared-tier.ts'
import type { Departing } from './flight.ts'
import type { SharedWrites } from './shared-writes.ts'

export interface SharedTurnsOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly shared: SharedTier | undefined
  readonly writes: SharedWrites
  readonly onEvent: CacheListener
}

export interface TurnParams {
  readonly policy: CachePolicy
  /** Time before which no usable value was loaded, Unix epoch ms; -Infinity if any valid value is usable. */
  readonly since: number
  /** Ends the loads whose values the shared tier now has. Returns the others. */
  readonly find: (departing: readonly Departing[]) => Promise<readonly Departing[]>
  readonly load: (departing: readonly Departing[]) => Promise<void>
}

/** Average duration from which the loads of a policy take turns, ms. To take a turn costs two round trips to the shared tier. */
const SLOW_MS = 20
/** Number of readers that wait for a load from which it takes turns even if it is fast: they share the cost. */
const CROWD = 10
/** Weight of the newest load in the average. */
const NEWEST_WEIGHT = 0.2
/**
 * Number of successive slow loads of a policy whose keys no other process wanted, as far as this one knows. After them, only one in so many
 * slow loads takes a turn. A process under high load is slow by itself, and turns that spare nothing would make it slower.
 */
const LONELY_TURNS = 32
const LONELY_SHARE = 16
/** Average duration from which each load takes a turn, ms: the cost of a turn is nothing beside it. */
const VERY_SLOW_MS = 1000
/** Pauses between two requests for a turn that another process has, ms. They grow from one to the next. */
const MIN_PAUSE_MS = 2
const MAX_PAUSE_MS = 15
const PAUSE_GROWTH = 1.5
/** A load waits for other processes at most four times as long as its policy's loads take, within these bounds, ms. */
const MIN_PATIENCE_MS = 1000
const MAX_PATIENCE_MS = 5000
const PATIENCE = 4

/** Experience with the loads of one policy. */
interface TurnRecord {
  /** Moving average of their duration, ms; undefined before the first load has ended. */
  averageMs: number | undefined
  /** Number of slow loads since another process last wanted the same key at the same time. */
  lonelyTurns: number
}

/**
 * Lets one process load a key that several processes miss at the same time. The others wait until it has written the value to the shared
 * tier, and read the value from there, with the same checks as any other shared entry. So turns make no difference to which values a reader
 * may get: a turn may be lost, given twice or never end.
 *
 * A process has the turn while it has claimed the key in the shared tier. It renews the claim while its load runs, so a process that dies
 * makes the others wait no longer than one claim lasts.
 */
export class SharedTurns {
  readonly #options: SharedTurnsOptions
  readonly #records = new Map<string, TurnRecord>()
  readonly #epochs = new EpochDigest()

  constructor(options: SharedTurnsOptions) {
    this.#options = options
  }

  /** Records the duration of a load that succeeded, ms. */
  measure(policy: CachePolicy, durationMs: number): void {
    const record = this.#recordOf(policy)
    const { averageMs = durationMs } = record
    record.averageMs = averageMs + NEWEST_WEIGHT * (durationMs - averageMs)
  }

  #recordOf({ name }: CachePolicy): TurnRecord {
    let record = this.#records.get(name)
    if (!record) {
      record = { averageMs: undefined, lonelyTurns: 0 }
      this.#records.set(name, record)
    }
    return record
  }

  /** Loads the keys that no other process is loading, and waits for the others. */
  async run(missing: readonly Departing[], params: TurnParams): Promise<void> {
    const { env, shared } = this.#options
    const { policy, load } = params
    if (!shared || !this.#takesTurns(missing, policy)) return load(missing)
    const endsAt = env.monotonic() + this.#patienceMs(policy)
    const loads: Promise<void>[] = []
    const failures: unknown[] = []
    const begin = (running: Promise<void>) => void loads.push(running.catch((error: unknown) => void failures.push(error)))
    let waiting = missing
    let hasWaited = false
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs = Math.min(PAUSE_GROWTH * pauseMs, MAX_PAUSE_MS)) {
      const claims = await shared.claimMany(waiting.map(keyOf), this.#note())
      if (!claims) break
      const {
        granted = [],
        useless = [],
        useful = [],
      } = Object.groupBy(waiting, (departing, position) => {
        const claim = claims[position] as true | string
        return claim === true ? 'granted' : this.#isUseful(claim, departing, params) ? 'useful' : 'useless'
      })
      if (granted.length > 0) begin(this.#takeTurn(granted, params, hasWaited))
      if (useless.length > 0) begin(load(useless))
      if (granted.length < claims.length) this.#recordOf(policy).lonelyTurns = 0
      if (!hasWaited && useful.length > 0) void shared.want(useful.map(keyOf))
      if (hasWaited) this.#report(policy, 'invalidated', useless.length)
      waiting = useful
      if (waiting.length === 0 || env.monotonic() >= endsAt || waiting.every(({ flight }) => flight.isAbandoned)) break
      await new Promise<void>((resolve) => void env.setTimer(resolve, pauseMs))
      hasWaited = true
    }
    if (hasWaited) this.#report(policy, 'timed out', waiting.length)
    if (waiting.length > 0) begin(load(waiting))
    await Promise.all(loads)
    if (failures.length > 0) throw failures[0]
  }

  /** Describes the loads that this process starts now, for the processes that may wait for them. */
  #note(): string {
    const { coherence } = this.#options
    return `${coherence.clock} ${coherence.now()} ${this.#epochs.of(coherence.epoch)}`
  }

  /**
   * Whether the load of another process may give a value that this process can use. It cannot if the value was invalidated since. An empty
   * note means that the load has just ended.
   * @param note What the other process wrote when it claimed the key. It is not authentic, and decides only whether to wait.
   */
  #isUseful(note: string, { request }: Departing, { since }: TurnParams): boolean {
    if (note === '') return true
    const { coherence } = this.#options
    const [stamp, loadedAt, epoch] = note.split(' ')
    const slots = coherence.slots([...completeTags(request.tags), request.key.text])
    const isOfEpoch = epoch === this.#epochs.of(coherence.epoch)
    return isOfEpoch && Number(loadedAt) >= since && coherence.isCurrent(coherence.epoch, Number(stamp), slots)
  }

  /**
   * Whether the loads ask for turns: if they are slow, or if nobody knows yet how long they take, unless other processes never want the same
   * values at the same time. A composed value asks for none, because the loads of its parts do. Values that many readers of this process wait for always ask, because readers of other processes probably
   * want them, too.
   */
  #takesTurns(missing: readonly Departing[], policy: CachePolicy): boolean {
    if (missing.every(({ flight }) => flight.waiting >= CROWD)) return true
    const record = this.#recordOf(policy)
    const { averageMs = SLOW_MS } = record
    if (policy.composed || averageMs < SLOW_MS) return false
    return averageMs >= VERY_SLOW_MS || record.lonelyTurns++ < LONELY_TURNS || record.lonelyTurns % LONELY_SHARE === 0
  }

  #patienceMs(policy: CachePolicy): number {
    const { averageMs = Number.POSITIVE_INFINITY } = this.#recordOf(policy)
    return Math.min(Math.max(PATIENCE * averageMs, MIN_PATIENCE_MS), MAX_PATIENCE_MS)
  }

  /**
   * Reads the shared tier once more, because the process that had the turn before has probably written the values. Loads what is still
   * missing. Then ends the turn, after the loaded values have been written.
   */
  async #takeTurn(granted: readonly Departing[], { policy, find, load }: TurnParams, hasWaited: boolean): Promise<void> {
    const { writes } = this.#options
    const renewal = this.#renew(granted)
    try {
      const missing = await find(granted)
      this.#report(policy, 'spared', granted.length - missing.length)
      if (missing.length < granted.length) this.#recordOf(policy).lonelyTurns = 0
      if (hasWaited) this.#report(policy, 'no value', missing.length)
      for (const { flight } of missing) flight.hasTurn = true
      if (missing.length > 0) await load(missing)
    } finally {
      renewal.cancel()
      writes.endTurns(granted.map(keyOf))
      void this.#noteWanted(policy, granted)
    }
  }

  /** Notes that other processes have waited for the loads of this one. They learn it by themselves. */
  async #noteWanted(policy: CachePolicy, granted: readonly Departing[]): Promise<void> {
    if (await this.#options.shared?.areWanted(granted.map(keyOf))) this.#recordOf(policy).lonelyTurns = 0
  }

  /** Renews the claims regularly while the load runs, but not while it waits for a slot of the semaphore. */
  #renew(granted: readonly Departing[]): Timer {
    const { env, shared } = this.#options
    const note = this.#note()
    const next = (): Timer =>
      env.setTimer(() => {
        if (granted.some(({ flight }) => flight.departure)) void shared?.renewClaims(granted.map(keyOf), note)
        timer = next()
      }, CLAIM_MS / 4)
    let timer = next()
    return { cancel: () => timer.cancel() }
  }

  #report({ name }: CachePolicy, outcome: TurnOutcome, count: number): void {
    if (count > 0) this.#options.onEvent({ type: 'turn', policy: name, outcome, count })
  }
}

function keyOf({ request }: Departing): string {
  return request.key.text
}
