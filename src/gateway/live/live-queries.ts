import type { AppliedBatch } from '../../engine/cache/log/log-follower.ts'
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

/** Maximum number of live queries that are executed at the same time. The others wait, and changes merge while they do. */
const MAX_RUNNING = 16
/** Time between two looks for results that change without a write, and for streams that are slow or idle, ms. */
const SWEEP_MS = 250
/** Number of sweeps in a row without a read of the log after which results are marked as stale. A write may give up the lease for a moment. */
const MIN_LOST_SWEEPS = 2

/**
 * Keeps the results of live queries up to date. All streams of one query with one cache key are a group, which shares each execution. After
 * each sync of the invalidation log that applied rows, a group is executed at most once, if a tag of its newest result was invalidated. A
 * change that comes while it is executed leads to one more execution, so the last result always arrives.
 */
export class LiveQueries {
  readonly #options: LiveOptions
  readonly #groups = new LiveGroups()
  readonly #streams: LiveStreams
  readonly #queue = new Set<LiveGroup>()
  readonly #stopListening: () => void
  #running = 0
  #isPumping = false
  /** Number of the newest sweeps in a row that found the log unread for longer than the staleness bound. */
  #lostSweeps = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: LiveOptions) {
    this.#options = options
    this.#streams = new LiveStreams(options, (subscriber) => this.#left(subscriber))
    this.#stopListening = options.cache.follower.listen((batch) => this.#applied(batch))
  }

  /** Numbers of open streams, and of groups that share their executions. */
  get counts(): { readonly streams: number; readonly groups: number } {
    return { streams: this.#streams.size, groups: this.#groups.size }
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
    // The stream joins its group before the first read. So a write that comes meanwhile is not lost.
    const group = this.#groups.of(runner.cacheable(operation)?.request.key.text)
    const stream = new EventStream(() => env.monotonic())
    this.#streams.add({ ...options, operation, stream, group })
    this.#want(group)
    this.#timer ??= env.setTimer(() => this.#sweep(), SWEEP_MS)
    return stream
  }

  /** Ends all streams without the event `complete`, so that their clients connect again, and refuses new ones. */
  close(): void {
    this.#isClosed = true
    this.#stopListening()
    this.#timer?.cancel()
    this.#streams.closeAll()
  }

  #left({ group }: Subscriber): void {
    if (group.subscribers.size > 0) return
    this.#queue.delete(group)
    this.#groups.remove(group)
  }

  #applied({ tags, lagMs }: AppliedBatch): void {
    const changedAt = lagMs === undefined ? undefined : this.#options.env.monotonic() - lagMs
    const everything = this.#options.cache.enabled ? tags : 'everything'
    for (const group of this.#groups.hitBy(everything)) {
      group.changedAt ??= changedAt
      this.#want(group)
    }
  }

  /** Executes the group soon, or once more after the execution that runs now. */
  #want(group: LiveGroup): void {
    if (group.isRunning) group.isDirty = true
    else this.#queue.add(group)
    if (this.#isPumping) return
    this.#isPumping = true
    // A batch of the log may concern many groups. They are executed after the sync has ended.
    this.#options.env.defer(() => {
      this.#isPumping = false
      this.#pump()
    })
  }

  #pump(): void {
    for (const group of this.#queue) {
      if (this.#running >= MAX_RUNNING) return
      this.#queue.delete(group)
      this.#running++
      void this.#execute(group).finally(() => {
        this.#running--
        this.#pump()
      })
    }
  }

  async #execute(group: LiveGroup): Promise<void> {
    const { cache, env, stalenessBoundMs, omit, onEvent } = this.#options
    const { follower } = cache
    const [first] = group.subscribers
    if (!first || this.#isClosed) return
    const { changedAt } = group
    Object.assign(group, { isRunning: true, isDirty: false, isDoubtful: false, changedAt: undefined })
    const position = follower.position()
    const isUnchanged = cache.observeInvalidations()
    // The first result of a stream is awaited by its client. All others give way to the loads of requests.
    const isBackground = [...group.subscribers].every(({ delivered }) => delivered !== undefined)
    const session = cache.openSession(undefined, { isBackground })
    const run = await runLive(first.operation, session, first.requestId, this.#options)
    group.isRunning = false
    if (group.subscribers.size === 0) return
    if (run.isPersonal && group.isShared) return this.#split(group)
    this.#groups.index(group, run.tags)
    group.until = run.until
    group.retryAt = run.isTemporary ? env.monotonic() + stalenessBoundMs : Number.POSITIVE_INFINITY
    const hasMoved = run.tags === 'any' ? follower.position().clock !== position.clock : !isUnchanged(run.tags)
    if (hasMoved && !omit?.has('changes during an execution')) {
      // Without the lease it is not known whether a tag was invalidated. A sweep asks again when the log can be read.
      if (follower.hasLease) group.isDirty = true
      else group.isDoubtful = true
    }
    const isNew = group.settle({ ...run, stale: run.stale ?? this.#staleness() }, () => follower.seal(position))
    onEvent({ type: 'executed', isUnchanged: !isNew })
    this.#streams.deliver(group, changedAt)
    if (group.isDirty) this.#want(group)
  }

  /** Gives each stream a group of its own, because the result turned out to be for one caller only. */
  #split(group: LiveGroup): void {
    const subscribers = [...group.subscribers]
    this.#groups.remove(group)
    for (const subscriber of subscribers) {
      group.subscribers.delete(subscriber)
      subscriber.group = this.#groups.of(undefined)
      subscriber.group.subscribers.add(subscriber)
      this.#want(subscriber.group)
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
      if (isOver || (hasLease && (wasLost || group.isDoubtful))) this.#want(group)
      if (stale && group.flag(stale)) this.#streams.deliver(group, undefined)
    }
    // Nothing tells when a value of these types changes.
    for (const group of this.#groups.ofTypes(cache.stats().unwatched))
      group.retryAt = Math.min(group.retryAt, monotonic + stalenessBoundMs - SWEEP_MS)
    this.#streams.sweep()
    this.#timer = this.#streams.size > 0 ? env.setTimer(() => this.#sweep(), SWEEP_MS) : undefined
  }
}
