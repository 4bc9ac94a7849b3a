import type { AppliedBatch } from '../../engine/cache/log/log-follower.ts'
import { PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import type { Timer } from '../../engine/cache/model/env.ts'
import { GatewayError } from '../../errors.ts'
import type { Staleness } from '../graphql/answers/staleness.ts'
import type { EnvelopeSource } from '../graphql/document/envelope.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import type { Principal } from '../identity/principal.ts'
import { EventStream } from './event-stream.ts'
import type { LiveGroup, Standing, Subscriber } from './live-group.ts'
import { LiveGroups } from './live-groups.ts'
import type { LiveOptions } from './live-options.ts'
import { LiveQueue } from './live-queue.ts'
import { runLive } from './live-run.ts'
import { LiveStreams } from './live-streams.ts'
import { readLive } from './read-live.ts'

export interface OpenOptions {
  readonly operation: Operation
  readonly requestId: string
  /** Key of the caller, for the limit of streams. */
  readonly caller: string
  /** Consistency tokens of earlier responses; undefined if there is none. The first result is at least that new. */
  readonly tokens: string | undefined
  readonly standing: Standing
}

/** Time between two looks for results that change without a write, and for streams that are slow or idle, ms. */
const SWEEP_MS = 250
/** Number of sweeps in a row without a read of the log after which results are marked as stale. A write may give up the lease for a moment. */
const MIN_LOST_SWEEPS = 2
/** Maximum time after which a query that fails is executed again, ms. The time doubles with each failure. */
const MAX_RETRY_MS = 30_000

/**
 * Keeps the results of live queries up to date. All streams of one query with one cache key are a group, which shares each execution. After
 * each sync of the invalidation log that applied rows, a group is executed at most once, if a tag of its newest result was invalidated. A
 * change that comes while it is executed leads to one more execution, so the last result always arrives.
 */
export class LiveQueries {
  readonly #options: LiveOptions
  readonly #groups = new LiveGroups()
  readonly #streams: LiveStreams
  readonly #queue: LiveQueue
  /** Stops following the log, which happens while a stream is open. */
  #stopListening: (() => void) | undefined
  /** Number of the newest sweeps in a row that found the log unread for longer than the staleness bound. */
  #lostSweeps = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: LiveOptions) {
    this.#options = options
    this.#streams = new LiveStreams(options, (subscriber) => this.#left(subscriber))
    const { maxConcurrentCost } = options.limits
    this.#queue = new LiveQueue({ env: options.env, maxConcurrentCost, execute: (group) => this.#execute(group) })
  }

  /** Numbers of open streams, of groups that share their executions, and of bytes of the newest results. */
  get counts(): { readonly streams: number; readonly groups: number; readonly bytes: number } {
    return { streams: this.#streams.size, groups: this.#groups.size, bytes: this.#groups.bytes }
  }

  /** Reads a live query from a request; undefined if there is none, or live queries are off. The endpoint then answers the request. */
  read(source: EnvelopeSource, viewer: Principal | null): Operation | undefined {
    return this.#options.maxStreams === 0 ? undefined : readLive(source, viewer, this.#options)
  }

  /**
   * Opens a stream of the results of a live query. The caller sends its bytes, and destroys it when the client is gone.
   * @throws GatewayError OVERLOADED or RATE_LIMITED if too many streams are open, UNAVAILABLE if the log cannot be read up to the tokens.
   */
  async open({ operation, tokens, ...options }: OpenOptions): Promise<EventStream> {
    const { cache, env, runner } = this.#options
    if (this.#isClosed) throw new GatewayError('UNAVAILABLE', 'The server is shutting down: open the stream again.')
    const release = this.#streams.reserve(options.caller)
    try {
      await cache.follower.reach(cache.openSession(tokens))
    } catch {
      throw new GatewayError('UNAVAILABLE', 'The invalidation log cannot be read right now: open the stream again in a moment.')
    } finally {
      release()
    }
    if (this.#isClosed) throw new GatewayError('UNAVAILABLE', 'The server is shutting down: open the stream again.')
    // The stream joins its group before the first read. So a write that comes meanwhile is not lost, and the read is as new as the tokens.
    this.#stopListening ??= cache.follower.listen((batch) => this.#applied(batch))
    const key = runner.cacheable(operation)?.request.key
    const group = this.#groups.of(key?.text, key?.tenant ?? tenantOf(operation))
    const stream = new EventStream(() => env.monotonic())
    this.#streams.add({ ...options, operation, stream, group })
    this.#queue.want(group)
    this.#timer ??= env.setTimer(() => this.#sweep(), SWEEP_MS)
    return stream
  }

  /** Ends all streams without the event `complete`, so that their clients connect again, and refuses new ones. */
  close(): void {
    this.#isClosed = true
    this.#stopListening?.()
    this.#timer?.cancel()
    this.#queue.close()
    this.#streams.closeAll()
  }

  #left({ group }: Subscriber): void {
    if (group.subscribers.size > 0) return
    this.#queue.drop(group)
    this.#groups.remove(group)
    if (this.#groups.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  #applied({ tags, lagMs }: AppliedBatch): void {
    const changedAt = lagMs === undefined ? undefined : this.#options.env.monotonic() - lagMs
    const everything = this.#options.cache.enabled ? tags : 'everything'
    for (const group of this.#groups.hitBy(everything)) {
      group.changedAt ??= changedAt
      this.#queue.want(group)
    }
  }

  /** Executes the query of a group, and sends the result. Never rejects. */
  async #execute(group: LiveGroup): Promise<void> {
    try {
      await this.#renew(group)
    } catch (error) {
      this.#retryLater(group)
      this.#report(error)
    }
  }

  async #renew(group: LiveGroup): Promise<void> {
    const { cache, env, stalenessBoundMs, omit, onEvent } = this.#options
    const { follower } = cache
    const [first] = group.subscribers
    if (!first || this.#isClosed) return
    const execution = group.begin()
    const position = follower.position()
    const isUnchanged = cache.observeInvalidations()
    // The first result of a stream is awaited by its client. All others give way to the loads of requests.
    const session = cache.openSession(undefined, { isBackground: !execution.isAwaited })
    const sharedKey = group.isShared ? group.key : undefined
    const run = await runLive(first.operation, session, { ...this.#options, requestId: first.requestId, sharedKey })
    if (group.subscribers.size === 0) return
    if (run.isPersonal && group.isShared) return this.#split(group)
    // A final result is sent once and not kept.
    if (!run.isFinal && !this.#makeRoom(group, run.body.byteLength)) {
      onEvent({ type: 'executed', isUnchanged: false })
      return
    }
    this.#groups.index(group, run.tags)
    group.until = run.until
    if (run.isTemporary) this.#retryLater(group)
    else Object.assign(group, { failures: 0, retryAt: run.stale ? env.monotonic() + stalenessBoundMs : Number.POSITIVE_INFINITY })
    const hasMoved = run.tags === 'any' ? follower.position().clock !== position.clock : !isUnchanged(run.tags)
    if (hasMoved && !omit?.has('changes during an execution')) {
      // Without the lease it is not known whether a tag was invalidated. A sweep asks again when the log can be read.
      if (follower.hasLease) group.isDirty = true
      else group.isDoubtful = true
    }
    const isNew = group.settle({ ...run, stale: run.stale ?? this.#staleness() }, execution, () => follower.seal(position))
    onEvent({ type: 'executed', isUnchanged: !isNew })
    this.#streams.deliver(group)
  }

  /** Makes room for the next result of a group. If there is none, the streams of the group end. Returns whether there is room. */
  #makeRoom(group: LiveGroup, bytes: number): boolean {
    const { maxBytes } = this.#options
    const expected = `Expected at most ${maxBytes} bytes of results of live queries (LIVE_MAX_BYTES)`
    const yielding = this.#groups.reserve(group, bytes, maxBytes)
    for (const other of yielding ?? []) {
      const message = `${expected}, and the results of this tenant take more than those of others: select less, or try again later.`
      this.#streams.endAll(other, 'full', new GatewayError('OVERLOADED', message))
    }
    if (yielding) return true
    const message = `${expected}, and the next result of ${bytes} bytes does not fit: select less, or try again later.`
    this.#streams.endAll(group, 'full', new GatewayError('OVERLOADED', message))
    return false
  }

  #retryLater(group: LiveGroup): void {
    const { env, stalenessBoundMs } = this.#options
    const delayMs = Math.min(stalenessBoundMs * 2 ** group.failures, Math.max(stalenessBoundMs, MAX_RETRY_MS))
    group.failures++
    group.retryAt = env.monotonic() + delayMs
  }

  /** Tells the operators about an error that no client gets. */
  #report(error: unknown): void {
    try {
      this.#options.formatError(error, 'live')
    } catch {
      // The report itself may be what fails. The other live queries must continue.
    }
  }

  /** Gives each stream a group of its own, because the result turned out to be for one caller only. */
  #split(group: LiveGroup): void {
    const subscribers = [...group.subscribers]
    this.#groups.remove(group)
    group.subscribers.clear()
    for (const subscriber of subscribers) {
      const alone = this.#groups.of(undefined, tenantOf(subscriber.operation))
      const isAwaited = subscriber.delivered === 0
      alone.join(subscriber)
      alone.isAwaited = isAwaited
      this.#queue.want(alone)
    }
  }

  /** Returns the staleness of all results while the log cannot be read. */
  #staleness(): Staleness | undefined {
    const { cache } = this.#options
    if (this.#lostSweeps < MIN_LOST_SWEEPS) return undefined
    return { reason: 'the invalidation log cannot be read', since: Math.max(0, cache.now() - cache.follower.lagMs) }
  }

  #sweep(): void {
    const { cache, env, stalenessBoundMs } = this.#options
    const [monotonic, now] = [env.monotonic(), cache.now()]
    const { hasLease } = cache.follower
    const wasLost = this.#lostSweeps >= MIN_LOST_SWEEPS
    this.#lostSweeps = hasLease ? 0 : this.#lostSweeps + 1
    const stale = this.#staleness()
    for (const group of this.#groups) {
      const isOver = group.until <= now || group.retryAt <= monotonic
      if (isOver) Object.assign(group, { until: Number.POSITIVE_INFINITY, retryAt: Number.POSITIVE_INFINITY })
      if (isOver || (hasLease && (wasLost || group.isDoubtful))) this.#queue.want(group)
      if (stale && group.flag(stale)) this.#streams.deliver(group)
    }
    // Nothing tells when a value of these types changes.
    for (const group of this.#groups.ofTypes(cache.stats().unwatched))
      group.retryAt = Math.min(group.retryAt, monotonic + stalenessBoundMs - SWEEP_MS)
    this.#streams.sweep()
    this.#timer = this.#streams.size > 0 ? env.setTimer(() => this.#sweep(), SWEEP_MS) : undefined
  }
}

function tenantOf({ viewer }: Operation): string {
  return viewer?.tenant ?? PUBLIC_TENANT
}
