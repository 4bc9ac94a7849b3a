import { EVERYTHING_TAG } from '../../engine/cache/model/entity.ts'
import type { Env, Timer } from '../../engine/cache/model/env.ts'
import { CircuitBreaker } from '../../engine/cache/shared/circuit-breaker.ts'
import { EVERYTHING_KEY, purgedKeys } from '../../gateway/responses/surrogate-keys.ts'
import { coalesced } from './coalesced-keys.ts'
import type { Edge } from './edge.ts'
import { EdgeCalls } from './edge-calls.ts'
import { EdgeLease } from './edge-lease.ts'
import type { LogPosition, PurgeCursor, PurgedRow } from './purge-cursor.ts'
import { PurgeQueue } from './purge-queue.ts'
import type { PurgingEvent } from './purging-event.ts'

/** A step that tests leave out, to show that they notice. */
export type PurgeStep = 'start at the cursor' | 'purge before the cursor' | 'each tag' | 'last purge' | 'forget another log'

export interface EdgePurgerOptions {
  readonly edge: Edge
  readonly cursor: Pick<PurgeCursor, keyof PurgeCursor>
  readonly env: Env
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  readonly leaseMs: number
  /** Maximum time for which an instance may serve a value after it was changed, ms. */
  readonly stalenessBoundMs: number
  /** Minimum time between two calls of the edge, ms. */
  readonly intervalMs: number
  /** Called before the first purge of a row, to make the other instances read the log soon: until then they may fill the edge again. */
  readonly hint: () => void
  readonly onEvent: (event: PurgingEvent) => void
  /** Test-only: steps to leave out. */
  readonly omit?: ReadonlySet<PurgeStep>
}

/** State of the purges of an edge in this process. */
export interface EdgeState {
  readonly edge: string
  /** Whether this process purges the edge. */
  readonly isActive: boolean
  readonly pendingKeys: number
  /** Time for which the oldest key has waited for its first purge, ms. */
  readonly lagMs: number
  readonly isBreakerOpen: boolean
}

const PAGE_ROWS = 500
/** Number of rows that are read at once after a failure: rows with many tags may be the reason why a page was not read in time. */
const SMALL_PAGE_ROWS = 20
/** Number of full calls that the keys of one purge may take. More keys are replaced by the key of everything. */
const MAX_CALLS = 10
/** Time after which the log is read without a hint, and after which a process without the lease tries to take it, ms. */
const IDLE_MS = 1000
/**
 * Time after which keys are purged once more, ms. By then the other instances have usually applied the row, too. Before that, a response
 * that many ask for may have been fetched again from an instance that was behind.
 */
const ECHO_MS = 250
/** Time that a response may take from the gateway to the edge, ms. It is added to the staleness bound before the last purge. */
export const TRANSIT_MS = 1000
/** Time until the next attempt if the lease ended or the breaker is open, ms. */
const WAIT_MS = 250
const BREAKER = { failures: 5, openMs: 10_000 }

/**
 * Purges an edge of what the rows of the invalidation log invalidate, in the order of the log and at least once. Each row is purged three
 * times: at once, soon after, and again when no instance can serve the old values any more, because an instance that was behind may have
 * filled the edge in between. Then the cursor moves past the row. So a process that takes over purges everything again that may be missing.
 */
export class EdgePurger {
  readonly #options: EdgePurgerOptions
  readonly #lease: EdgeLease
  readonly #breaker: CircuitBreaker
  readonly #calls: EdgeCalls
  /** Rows that wait for the purge soon after, and for the last one. */
  readonly #soon: PurgeQueue
  readonly #queue: PurgeQueue
  /** Position of the row that was read last; undefined if nothing was read since this process holds the lease. */
  #read: LogPosition | undefined
  /** Keys that wait for their first purge, and the time of the oldest row with one of them. */
  #waiting: ReadonlySet<string> = new Set()
  #oldestAt: number | undefined
  #failures = 0
  #isActive = false
  #isClosed = false
  #isWoken = false
  #timer: Timer | undefined
  #resume: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor(options: EdgePurgerOptions) {
    const { cursor, env, edge, leaseMs, intervalMs, onEvent } = options
    this.#options = options
    this.#lease = new EdgeLease({ cursor, env, leaseMs })
    this.#breaker = new CircuitBreaker(env, {
      ...BREAKER,
      onChange: (state) => onEvent({ type: 'breaker', edge: edge.name, state }),
    })
    this.#calls = new EdgeCalls({ edge, env, intervalMs, breaker: this.#breaker, mayCall: () => this.#lease.isHeld && !this.#isClosed })
    this.#soon = new PurgeQueue(this.#maxKeys)
    this.#queue = new PurgeQueue(this.#maxKeys)
  }

  get state(): EdgeState {
    return {
      edge: this.#options.edge.name,
      isActive: this.#isActive,
      pendingKeys: this.#waiting.size,
      lagMs: this.#oldestAt === undefined ? 0 : Math.max(0, this.#options.now() - this.#oldestAt),
      isBreakerOpen: this.#breaker.state !== 'closed',
    }
  }

  begin(): void {
    this.#running ??= this.#run()
  }

  /** Handles a hint that the log has a new row whose tags have keys. */
  wake(): void {
    if (!this.#isActive) return
    this.#isWoken = true
    if (this.#failures === 0) this.#resume?.()
  }

  /** Ends the call in flight and lets another process continue. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#calls.abort()
    this.#resume?.()
    await this.#running
    await this.#lease.release()
  }

  async #run(): Promise<void> {
    let isCreated = false
    while (!this.#isClosed) {
      let pauseMs = IDLE_MS
      this.#isWoken = false
      try {
        if (!isCreated) await this.#options.cursor.create()
        isCreated = true
        const isHeld = await this.#holdsLease()
        this.#noteActive()
        if (isHeld) pauseMs = await this.#round()
        this.#failures = 0
      } catch (error) {
        pauseMs = this.#failed(error)
      }
      this.#noteActive()
      if (!this.#isWoken || this.#failures > 0) await this.#pause(pauseMs)
    }
  }

  async #holdsLease(): Promise<boolean> {
    if (this.#lease.isHeld && this.#read) return true
    const { cursor, omit } = this.#options
    const position = await this.#lease.take()
    // What waits is forgotten, also for the state: whoever has the lease reads it from the log.
    this.#endWaiting()
    this.#soon.clear()
    this.#queue.clear()
    this.#read = undefined
    if (position === undefined) return false
    this.#read = omit?.has('start at the cursor') ? await cursor.newestRow() : (position ?? undefined)
    if (!this.#read) await this.#restart()
    return true
  }

  /** Purges everything and continues with the newest row of the log, because nobody can tell what changed since the last purge. */
  async #restart(): Promise<void> {
    const { cursor, edge, now, omit, onEvent } = this.#options
    const row = await cursor.newestRow()
    onEvent({ type: 'restarted', edge: edge.name })
    // The log may have begun again below the positions that wait. The purge of everything stands for them.
    if (!omit?.has('forget another log')) {
      this.#soon.clear()
      this.#queue.clear()
    }
    this.#add([{ ...row, tags: [EVERYTHING_TAG] }], now())
  }

  /** Purges what is due. Returns the time until something is due again, ms. */
  async #round(): Promise<number> {
    const { env, cursor, omit } = this.#options
    const isFullPage = await this.#readLog()
    if (omit?.has('purge before the cursor') && this.#read) await cursor.advance(this.#read)
    if (this.#waiting.size > 0) {
      this.#options.hint()
      await this.#purge(this.#waiting, false)
    }
    this.#endWaiting()
    const soon = this.#soon.due(env.monotonic())
    if (soon && soon.keys.size > 0) await this.#purge(soon.keys, true)
    if (soon) this.#soon.settled(soon.position)
    const due = this.#queue.due(env.monotonic())
    if (due) {
      if (due.keys.size > 0 && !omit?.has('last purge')) await this.#purge(due.keys, true)
      if (!(await cursor.advance(due.position))) this.#lease.end()
      else this.#queue.settled(due.position)
    }
    return isFullPage ? 0 : Math.min(IDLE_MS, this.#soon.dueInMs(env.monotonic()), this.#queue.dueInMs(env.monotonic()))
  }

  async #readLog(): Promise<boolean> {
    if (!this.#read) return false
    const limit = this.#failures > 0 ? SMALL_PAGE_ROWS : PAGE_ROWS
    const rows = await this.#options.cursor.rowsAfter(this.#read, limit)
    if (rows) this.#add(rows)
    else await this.#restart()
    return rows?.length === limit
  }

  /** @param waitingSince Time since which the keys wait, if it is not the time of their row, by the clock of the database, ms. */
  #add(rows: readonly PurgedRow[], waitingSince?: number): void {
    const { env, omit, stalenessBoundMs } = this.#options
    const now = env.monotonic()
    for (const row of rows) {
      const keys = purgedKeys(omit?.has('each tag') ? row.tags.slice(1) : row.tags)
      this.#waiting = coalesced(this.#waiting, keys, this.#maxKeys)
      const since = waitingSince ?? row.at
      if (keys.size > 0) this.#oldestAt = Math.min(this.#oldestAt ?? since, since)
      this.#soon.add({ position: row, keys, dueAt: now + ECHO_MS }, now)
      this.#queue.add({ position: row, keys, dueAt: now + stalenessBoundMs + TRANSIT_MS }, now)
      this.#read = row
    }
  }

  #endWaiting(): void {
    this.#waiting = new Set()
    this.#oldestAt = undefined
  }

  get #maxKeys(): number {
    return MAX_CALLS * this.#options.edge.maxKeys
  }

  async #purge(keys: ReadonlySet<string>, isRepeated: boolean): Promise<void> {
    const { edge, onEvent } = this.#options
    await this.#calls.purge(keys)
    const { lagMs } = this.state
    onEvent({ type: 'purged', edge: edge.name, keys: keys.size, isEverything: keys.has(EVERYTHING_KEY), isRepeated, lagMs })
  }

  /** Reports a failure. Returns the time until the next attempt, ms. */
  #failed(error: unknown): number {
    if (this.#isClosed) return 0
    if (this.#calls.mustWait(error)) return WAIT_MS
    this.#failures++
    const { edge, onEvent } = this.#options
    const retryMs = this.#calls.retryMs(error, this.#failures)
    onEvent({ type: 'failed', edge: edge.name, part: this.#calls.isCallError(error) ? 'edge' : 'database', error, retryMs })
    return retryMs
  }

  #noteActive(): void {
    const { isHeld } = this.#lease
    if (isHeld === this.#isActive) return
    this.#isActive = isHeld
    this.#options.onEvent({ type: 'active', edge: this.#options.edge.name, isActive: isHeld })
  }

  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#timer?.cancel()
        this.#resume = undefined
        resolve()
      }
      this.#timer = this.#options.env.setTimer(() => this.#resume?.(), ms)
    })
  }
}
