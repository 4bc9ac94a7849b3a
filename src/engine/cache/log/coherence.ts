import type { Need } from '../model/consistency-token.ts'
import { EVERYTHING_TAG } from '../model/entity.ts'
import type { Timer } from '../model/env.ts'
import { inStep } from '../model/open-step.ts'
import { lagOf } from '../model/write-cause.ts'
import type { CoherenceOptions } from './coherence-options.ts'
import { isSetBack, type LogRow } from './invalidation-log.ts'
import { Lease } from './lease.ts'
import { LogTime } from './log-time.ts'
import { RecentInvalidations } from './recent-invalidations.ts'
import { SyncPace } from './sync-pace.ts'
import { TagSketch } from './tag-sketch.ts'

const START_ROWS = 5000
/** Deadline of the first sync of the log, ms. It is long, because no reader waits yet. */
const START_DEADLINE_MS = 10_000
const SYNC_ROWS = 1000

/**
 * One instance's view of the invalidation log: the position up to which it is applied (`clock`), the age of the last sync (the lease), and
 * when each tag was last invalidated (the tag sketch).
 */
export class Coherence {
  /** The newest rows of the log that this instance has applied. */
  readonly recent = new RecentInvalidations()
  readonly #options: CoherenceOptions
  readonly sketch: TagSketch
  readonly #lease: Lease
  readonly #time: LogTime
  readonly #pace: SyncPace
  #epoch = ''
  #clock = 0
  /** Time at which the log row that was applied last was written, by the clock of the database, Unix epoch ms. */
  #rowAt = 0
  #floor = 0
  #generation = 0
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #timer: Timer | undefined
  #hinted = false
  #closed = false

  constructor(options: CoherenceOptions) {
    this.#options = options
    this.#lease = new Lease(options.env, options.stalenessBoundMs)
    this.#time = new LogTime(options.env)
    this.sketch = new TagSketch(options.env.random() * 2 ** 32, options.sketchColumns)
    this.#pace = new SyncPace(options)
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Highest position of the log that this instance has applied. */
  get clock(): number {
    return this.#clock
  }

  /** Number that changes with each full cache reset. */
  get generation(): number {
    return this.#generation
  }

  /** Returns the time by the clock of the log's database, Unix epoch ms. */
  now(monotonic = this.#options.env.monotonic()): number {
    return this.#time.at(monotonic)
  }

  /** Age of the newest successful sync, ms; Infinity if the syncs so far may have missed a write of this instance. */
  get lagMs(): number {
    return this.#lease.lagMs
  }

  /** Whether the syncs so far may have missed a write of this instance. If so, not even a copy flagged as stale may be served. */
  get missesOwnWrites(): boolean {
    return this.#lease.missesOwnWrites
  }

  get hasLease(): boolean {
    return this.#lease.isHeld
  }

  /**
   * Gives up the lease, because this instance may have committed a write whose tags no sync of the log has read. Only a sync that starts
   * after this call restores the lease.
   */
  distrust(): void {
    this.#lease.distrust()
  }

  slots(tags: readonly string[]): Uint32Array {
    return this.sketch.slots(tags)
  }

  /** Whether an entry is valid: its epoch is current, and none of its tags (`slots`) was invalidated after the log position `stamp`. */
  isCurrent(epoch: string, stamp: number, slots: Uint32Array): boolean {
    return epoch === this.#epoch && stamp >= this.#floor && (stamp === this.#clock || this.sketch.isClean(slots, stamp))
  }

  /** Reads the end of the log and starts to sync regularly. */
  async start(): Promise<void> {
    const sync = this.#lease.begin()
    this.#running = this.#restart('start', START_DEADLINE_MS).finally(() => {
      this.#running = undefined
    })
    await this.#running
    this.#lease.succeed(sync)
    this.#schedule(this.#pace.tickMs)
  }

  /** Stops syncing. Resolves when no sync is in flight any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.allSettled([this.#running, this.#next])
  }

  /** Whether a read may be served without waiting: the log was read within the staleness bound (the lease is held), and `need` is met. */
  meets(need: Need | undefined, monotonic: number, wall: number): boolean {
    if (!this.#lease.isHeldAt(monotonic, wall)) return false
    if (need === undefined || this.#options.omit.has('token wait')) return true
    return need !== 'barrier' && need.epoch === this.#epoch && need.clock <= this.#clock
  }

  /** Resolves once a sync that began after this call has been applied. All callers that arrive during a sync share the next sync. */
  async barrier(): Promise<void> {
    const { env, onEvent, observer } = this.#options
    const startedAt = env.monotonic()
    let succeeded = false
    try {
      await inStep(observer?.beginSync(), () => this.#syncAfterNow())
      succeeded = true
    } finally {
      onEvent({ type: 'barrier', durationMs: env.monotonic() - startedAt, succeeded })
    }
  }

  /**
   * Runs a barrier (a new sync of the log) before a read is served. Afterwards, a token of the current epoch may still require a position
   * above the end of the log. Then the log was restored to an earlier state, and this method starts a new epoch.
   */
  async reach(need: Need | undefined): Promise<void> {
    await this.barrier()
    if (need === undefined || need === 'barrier' || need.epoch !== this.#epoch || need.clock <= this.#clock) return
    await this.#options.log.bump(this.#options.stalenessBoundMs / 2)
    await this.barrier()
  }

  /** Handles a hint that another instance has written. The next sync then comes soon, but hints do not cause syncs too often. */
  hint(): void {
    if (this.#hinted) return
    this.#hinted = true
    this.#schedule(this.#pace.hintMs)
  }

  #syncAfterNow(): Promise<void> {
    if (!this.#running) return this.#startSync()
    if (this.#options.omit.has('barrier after call')) return this.#running
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#startSync()
      })
    return this.#next
  }

  #startSync(): Promise<void> {
    const sync = this.#lease.begin()
    const running = this.#sync()
      .then(() => {
        this.#lease.succeed(sync)
      })
      .finally(() => {
        this.#running = undefined
      })
    this.#running = running
    return running
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    if (this.#closed) return
    this.#timer = this.#options.env.setTimer(() => {
      this.#timer = undefined
      void this.#tick()
    }, delayMs)
  }

  async #tick(): Promise<void> {
    this.#hinted = false
    this.#pace.started()
    // A failure was reported as an event. Without a successful sync, the lease expires.
    const failures = await Promise.allSettled([this.#syncAfterNow()])
    this.#pace.ended({ failed: failures[0].status === 'rejected' })
    if (!this.#timer) this.#schedule(this.#pace.tickMs)
  }

  async #sync(): Promise<void> {
    const { env, stalenessBoundMs, onEvent } = this.#options
    const startedAt = env.monotonic()
    let [rowCount, tagCount] = [0, 0]
    try {
      for (;;) {
        const sentAt = this.#lease.now()
        const rows = await this.#read(this.#clock, SYNC_ROWS, stalenessBoundMs / 2)
        const [known, ...news] = rows
        if (!known || !this.#isLastApplied(known)) {
          await this.#restart('the log does not continue from what was applied', stalenessBoundMs / 2)
          return
        }
        this.#apply(news)
        rowCount += news.length
        for (const row of news) tagCount += row.tags.length
        if (rows.length < SYNC_ROWS) {
          this.#lease.renew(sentAt)
          break
        }
      }
      onEvent({ type: 'sync', durationMs: env.monotonic() - startedAt, rows: rowCount, tags: tagCount })
    } catch (error) {
      onEvent({ type: 'sync-failed', error })
      throw error
    }
  }

  #read(from: number | null, limit: number, deadlineMs: number): Promise<readonly LogRow[]> {
    const { env, log, omit } = this.#options
    const sentAt = env.monotonic()
    return log.sync(from, limit, deadlineMs, (now) => omit.has('time of the log') || this.#time.heard(now, sentAt))
  }

  /** Whether the row is the one applied last. After a restore, another row may have the same number and epoch, but it has another time. */
  #isLastApplied({ seq, epoch, at }: LogRow): boolean {
    return seq === this.#clock && epoch === this.#epoch && (at === this.#rowAt || this.#options.omit.has('row time compared'))
  }

  /** Clears the state and reads the newest rows of the log anew. */
  async #restart(reason: string, deadlineMs: number): Promise<void> {
    const { log, omit, onReset, onVoid, onEpoch, onEvent } = this.#options
    const sentAt = this.#lease.now()
    let rows = await this.#read(null, START_ROWS, deadlineMs)
    const applied = { seq: this.#clock, epoch: this.#epoch }
    if (!omit.has('log set back voids') && isSetBack(rows, applied, (row) => this.#isLastApplied(row))) {
      // Other instances and Redis may have entries that are stamped with positions of lost rows. A new epoch invalidates these entries.
      await log.bump(deadlineMs)
      rows = await this.#read(null, START_ROWS, deadlineMs)
    }
    const [oldest, newest] = [rows[0], rows.at(-1)]
    if (!newest || !oldest) throw new Error('The invalidation log is empty: run the migrations.')
    const epochChanged = this.#epoch !== '' && this.#epoch !== newest.epoch
    this.#generation++
    this.sketch.clear()
    this.#epoch = oldest.epoch
    this.#floor = omit.has('floor') ? 0 : oldest.seq
    this.#clock = oldest.seq
    this.recent.clear()
    for (const row of rows) this.#applyRow(row, undefined)
    this.#lease.renew(sentAt)
    onReset()
    onVoid()
    onEvent({ type: 'reset', reason })
    if (epochChanged) {
      onEpoch()
      onEvent({ type: 'epoch', epoch: newest.epoch })
    }
  }

  /** Applies rows. It must not `await`, so that a reader sees either both the tags and the position of a row, or neither. */
  #apply(rows: readonly LogRow[]): void {
    const { onReset, onEpoch, onEvent } = this.#options
    for (const row of rows) {
      if (row.seq !== this.#clock + 1) throw new Error(`The invalidation log has a gap: expected row ${this.#clock + 1}, got ${row.seq}.`)
      const epochChanged = row.epoch !== this.#epoch
      const lagMs = lagOf(row.causes, this.now())
      this.#applyRow(row, lagMs)
      if (epochChanged) {
        this.#generation++
        onReset()
        onEpoch()
        onEvent({ type: 'epoch', epoch: row.epoch })
      }
      onEvent({ ...row, type: 'invalidated', lagMs })
    }
  }

  #applyRow(row: LogRow, lagMs: number | undefined): void {
    if (row.tags.includes(EVERYTHING_TAG)) {
      this.sketch.invalidateEverything(row.seq)
      this.#options.onVoid()
    } else this.sketch.invalidate(row.tags, row.seq)
    this.#epoch = row.epoch
    this.#clock = row.seq
    this.#rowAt = row.at
    this.recent.add(row, lagMs)
  }
}
