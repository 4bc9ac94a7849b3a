import type { CoherenceOptions } from './coherence-options.ts'
import type { Need } from './consistency-token.ts'
import { EVERYTHING_TAG } from './entity.ts'
import type { Timer } from './env.ts'
import { isSetBack, type LogRow } from './invalidation-log.ts'
import { LookPace } from './look-pace.ts'
import { TagSketch } from './tag-sketch.ts'

const START_ROWS = 5000
/** Nobody waits for an answer yet when an instance starts. */
const START_DEADLINE_MS = 10_000
const SYNC_ROWS = 1000

/**
 * One instance's view of the invalidation log: how far it has applied it (`clock`), how long ago it asked (the lease), and what
 * was invalidated when (the sketch).
 */
export class Coherence {
  readonly #options: CoherenceOptions
  readonly #sketch: TagSketch
  readonly #pace: LookPace
  #epoch = ''
  #clock = 0
  /** When the row that was applied last was written. */
  #rowAt = 0
  #floor = 0
  #generation = 0
  #syncedMonotonic = Number.NEGATIVE_INFINITY
  #syncedWall = Number.NEGATIVE_INFINITY
  /** Syncs are counted as they start: those up to `#syncsDistrusted` may have missed a write of this instance. */
  #syncsStarted = 0
  #syncsSucceeded = 0
  #syncsDistrusted = 0
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #timer: Timer | undefined
  #hinted = false
  #closed = false

  constructor(options: CoherenceOptions) {
    this.#options = options
    this.#sketch = new TagSketch(options.env.random() * 2 ** 32, options.sketchColumns)
    this.#pace = new LookPace(options)
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Highest position of the log that is applied here. */
  get clock(): number {
    return this.#clock
  }

  /** Changes when everything cached before became void. */
  get generation(): number {
    return this.#generation
  }

  /** Age of the newest successful sync, ms: the larger of two clocks' words, because one stands still while a machine sleeps. */
  get lagMs(): number {
    const { env } = this.#options
    return this.#lagMs(env.monotonic(), env.now())
  }

  #lagMs(monotonic: number, wall: number): number {
    return this.missesOwnWrites ? Number.POSITIVE_INFINITY : Math.max(monotonic - this.#syncedMonotonic, wall - this.#syncedWall)
  }

  /** Whether a write of this instance may have been committed that no sync has seen: not even a flagged copy may be served then. */
  get missesOwnWrites(): boolean {
    return this.#syncsSucceeded <= this.#syncsDistrusted
  }

  get hasLease(): boolean {
    return this.lagMs <= this.#options.stalenessBoundMs
  }

  /**
   * Gives up the lease: a write of this instance may have been committed that no sync has seen. Only a sync that starts from now
   * on restores it.
   */
  distrust(): void {
    this.#syncsDistrusted = this.#syncsStarted
  }

  slots(tags: readonly string[]): Uint32Array {
    return this.#sketch.slots(tags)
  }

  /** Whether nothing with these slots was invalidated since (epoch, stamp). */
  isCurrent(epoch: string, stamp: number, slots: Uint32Array): boolean {
    return epoch === this.#epoch && stamp >= this.#floor && (stamp === this.#clock || this.#sketch.isClean(slots, stamp))
  }

  /** Reads the end of the log and begins to follow it. */
  async start(): Promise<void> {
    this.#syncsStarted++
    this.#running = this.#restart('start', START_DEADLINE_MS).finally(() => {
      this.#running = undefined
    })
    await this.#running
    this.#syncsSucceeded = this.#syncsStarted
    this.#schedule(this.#pace.tickMs)
  }

  /** Resolves when no sync is on the wire any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.allSettled([this.#running, this.#next])
  }

  /** Whether `need` is met and the lease holds at this moment, so that a read may be served without waiting. */
  meets(need: Need | undefined, monotonic: number, wall: number): boolean {
    if (this.#lagMs(monotonic, wall) > this.#options.stalenessBoundMs) return false
    if (need === undefined || this.#options.omit.has('token wait')) return true
    return need !== 'barrier' && need.epoch === this.#epoch && need.clock <= this.#clock
  }

  /**
   * Resolves once a sync that started after this call has been applied. All callers that come while one is on the wire share
   * the one that follows it.
   */
  async barrier(): Promise<void> {
    const { env, onEvent } = this.#options
    const startedAt = env.monotonic()
    try {
      await this.#syncAfterNow()
      onEvent({ type: 'barrier', durationMs: env.monotonic() - startedAt, succeeded: true })
    } catch (error) {
      onEvent({ type: 'barrier', durationMs: env.monotonic() - startedAt, succeeded: false })
      throw error
    }
  }

  /**
   * A barrier for a reader with a token. A token of another epoch is satisfied by it; one of this epoch that lies above the
   * log's head shows that the log was set back, and starts a new epoch.
   */
  async reach(need: Need | undefined): Promise<void> {
    await this.barrier()
    if (need === undefined || need === 'barrier' || need.epoch !== this.#epoch || need.clock <= this.#clock) return
    await this.#options.log.bump(this.#options.stalenessBoundMs / 2)
    await this.barrier()
  }

  /** The log may have grown: sync soon, but no storm of syncs. */
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
    const ordinal = ++this.#syncsStarted
    const running = this.#sync()
      .then(() => {
        this.#syncsSucceeded = ordinal
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
    try {
      await this.#syncAfterNow()
      this.#pace.ended({ failed: false })
    } catch {
      this.#pace.ended({ failed: true })
      // The failure was told as an event; the lease runs out by itself.
    }
    if (!this.#timer) this.#schedule(this.#pace.tickMs)
  }

  async #sync(): Promise<void> {
    const { env, log, stalenessBoundMs, onEvent } = this.#options
    const startedAt = env.monotonic()
    let rowCount = 0
    let tagCount = 0
    try {
      for (;;) {
        const sentMonotonic = env.monotonic()
        const sentWall = env.now()
        const rows = await log.sync(this.#clock, SYNC_ROWS, stalenessBoundMs / 2)
        const [known, ...news] = rows
        if (!known || !this.#isLastApplied(known)) {
          await this.#restart('the log does not continue from what was applied', stalenessBoundMs / 2)
          return
        }
        this.#apply(news)
        rowCount += news.length
        for (const row of news) tagCount += row.tags.length
        if (rows.length < SYNC_ROWS) {
          this.#syncedMonotonic = sentMonotonic
          this.#syncedWall = sentWall
          break
        }
      }
      onEvent({ type: 'sync', durationMs: env.monotonic() - startedAt, rows: rowCount, tags: tagCount })
    } catch (error) {
      onEvent({ type: 'sync-failed', error })
      throw error
    }
  }

  /** Whether this is the row that was applied last. One with its number and epoch is another if the log was set back and has grown. */
  #isLastApplied({ seq, epoch, at }: LogRow): boolean {
    return seq === this.#clock && epoch === this.#epoch && (at === this.#rowAt || this.#options.omit.has('row time compared'))
  }

  /** Forgets everything and takes up the log's newest rows. */
  async #restart(reason: string, deadlineMs: number): Promise<void> {
    const { env, log, omit, onReset, onVoid, onEpoch, onEvent } = this.#options
    const sentMonotonic = env.monotonic()
    const sentWall = env.now()
    let rows = await log.sync(null, START_ROWS, deadlineMs)
    const applied = { seq: this.#clock, epoch: this.#epoch }
    if (!omit.has('log set back voids') && isSetBack(rows, applied, (row) => this.#isLastApplied(row))) {
      // Other instances and the shared tier may hold what was read from the rows that are gone.
      await log.bump(deadlineMs)
      rows = await log.sync(null, START_ROWS, deadlineMs)
    }
    const newest = rows.at(-1)
    const oldest = rows[0]
    if (!newest || !oldest) throw new Error('The invalidation log is empty: run the migrations.')
    const epochChanged = this.#epoch !== '' && this.#epoch !== newest.epoch
    this.#generation++
    this.#sketch.clear()
    this.#epoch = oldest.epoch
    this.#floor = omit.has('floor') ? 0 : oldest.seq
    this.#clock = oldest.seq
    for (const row of rows) this.#applyRow(row)
    this.#syncedMonotonic = sentMonotonic
    this.#syncedWall = sentWall
    onReset()
    onVoid()
    onEvent({ type: 'reset', reason })
    if (epochChanged) {
      onEpoch()
      onEvent({ type: 'epoch', epoch: newest.epoch })
    }
  }

  /** No `await` in here: a reader sees the tags and the clock of a row together or not at all. */
  #apply(rows: readonly LogRow[]): void {
    const { onReset, onEpoch, onEvent } = this.#options
    for (const row of rows) {
      if (row.seq !== this.#clock + 1) throw new Error(`The invalidation log has a gap: expected row ${this.#clock + 1}, got ${row.seq}.`)
      const epochChanged = row.epoch !== this.#epoch
      this.#applyRow(row)
      if (epochChanged) {
        this.#generation++
        onReset()
        onEpoch()
        onEvent({ type: 'epoch', epoch: row.epoch })
      }
      onEvent({ type: 'invalidated', tags: row.tags, seq: row.seq })
    }
  }

  #applyRow(row: LogRow): void {
    if (row.tags.includes(EVERYTHING_TAG)) {
      this.#sketch.invalidateEverything(row.seq)
      this.#options.onVoid()
    } else this.#sketch.invalidate(row.tags, row.seq)
    this.#epoch = row.epoch
    this.#clock = row.seq
    this.#rowAt = row.at
  }
}
