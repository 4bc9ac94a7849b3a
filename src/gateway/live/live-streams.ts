import { GatewayError } from '../../errors.ts'
import { nextEvent } from './live-event.ts'
import type { LiveGroup, Subscriber } from './live-group.ts'
import type { EndReason, LiveOptions } from './live-options.ts'

export type StreamsOptions = Pick<LiveOptions, 'env' | 'maxStreams' | 'maxStreamsPerCaller' | 'onEvent' | 'formatError' | 'omit'>

/** Time between two comments on a stream without events, ms. */
const HEARTBEAT_MS = 15_000
/** Maximum time that events wait for a client, ms. */
const MAX_WAIT_MS = 10_000
/** Time between two checks of the standing of a stream's caller, ms. */
const CHECK_MS = 1000
/** Time that a client gets to read the last event, ms. */
const LAST_EVENT_MS = 5000

/** The open streams of live queries: their number by caller, and what each of them has been sent. */
export class LiveStreams {
  readonly #options: StreamsOptions
  readonly #onLeft: (subscriber: Subscriber) => void
  readonly #subscribers = new Set<Subscriber>()
  /** Number of streams by caller, with those that are about to open. */
  readonly #callers = new Map<string, number>()
  #reserved = 0

  /** @param onLeft Called when a stream has left its group. */
  constructor(options: StreamsOptions, onLeft: (subscriber: Subscriber) => void) {
    this.#options = options
    this.#onLeft = onLeft
  }

  get size(): number {
    return this.#subscribers.size
  }

  /**
   * Reserves the place of a stream that is about to open. Returns the function that gives the place back.
   * @throws GatewayError OVERLOADED or RATE_LIMITED if too many streams are open.
   */
  reserve(caller: string): () => void {
    const { maxStreams, maxStreamsPerCaller } = this.#options
    if (this.size + this.#reserved >= maxStreams)
      throw new GatewayError(
        'OVERLOADED',
        `Expected at most ${maxStreams} live streams (LIVE_MAX_STREAMS), and as many are open: try again in a moment.`,
      )
    if ((this.#callers.get(caller) ?? 0) >= maxStreamsPerCaller)
      throw new GatewayError(
        'RATE_LIMITED',
        `Expected at most ${maxStreamsPerCaller} live streams of one caller (LIVE_MAX_STREAMS_PER_CALLER), and as many are open: end one of them first.`,
      )
    this.#count(caller, 1)
    this.#reserved++
    return () => {
      this.#count(caller, -1)
      this.#reserved--
    }
  }

  add(options: Pick<Subscriber, 'stream' | 'operation' | 'requestId' | 'caller' | 'standing' | 'group'>): void {
    const now = this.#options.env.monotonic()
    const subscriber: Subscriber = { ...options, joinedAfter: 0, delivered: 0, isChecking: false, beatAt: now, checkedAt: now }
    this.#subscribers.add(subscriber)
    options.group.join(subscriber)
    this.#count(options.caller, 1)
    subscriber.stream.once('close', () => this.#remove(subscriber, 'left'))
    this.#options.onEvent({ type: 'opened' })
  }

  /** Sends the newest state of a group to its streams that do not have it. */
  deliver(group: LiveGroup): void {
    for (const subscriber of [...group.subscribers]) this.#settle(subscriber)
  }

  /** Ends slow streams and those whose caller may no longer read, and sends comments to idle ones. */
  sweep(): void {
    const now = this.#options.env.monotonic()
    for (const subscriber of [...this.#subscribers]) {
      const { stream } = subscriber
      if (stream.waitsSince !== undefined && now - stream.waitsSince >= MAX_WAIT_MS) {
        const message = `The client did not take the newest result within ${MAX_WAIT_MS / 1000} s: read faster, or select less.`
        this.#end(subscriber, 'slow', new GatewayError('OVERLOADED', message))
        continue
      }
      if (now - subscriber.checkedAt >= CHECK_MS) this.#settle(subscriber)
      if (now - subscriber.beatAt < HEARTBEAT_MS) continue
      subscriber.beatAt = now
      stream.beat()
    }
  }

  /** Ends the streams of a group with an error. */
  endAll(group: LiveGroup, reason: EndReason, error: GatewayError): void {
    for (const subscriber of [...group.subscribers]) this.#end(subscriber, reason, error)
  }

  closeAll(): void {
    for (const subscriber of [...this.#subscribers]) this.#end(subscriber, 'shutdown', undefined)
  }

  /** Checks the standing of a caller, and then sends the newest state. */
  #settle(subscriber: Subscriber): void {
    subscriber.checkedAt = this.#options.env.monotonic()
    if (subscriber.isChecking) return
    const refused = subscriber.standing()
    if (!(refused instanceof Promise)) {
      this.#settled(subscriber, refused)
      return
    }
    subscriber.isChecking = true
    void refused.then((error) => {
      subscriber.isChecking = false
      this.#settled(subscriber, error)
    })
  }

  #settled(subscriber: Subscriber, refused: GatewayError | undefined): void {
    if (!this.#subscribers.has(subscriber)) return
    // While the standing cannot be read, nothing is sent. The next sweep asks again.
    if (refused?.code === 'UNAVAILABLE') return
    if (refused) {
      this.#end(subscriber, 'unauthenticated', refused)
      return
    }
    const { env, onEvent, omit } = this.#options
    const { state } = subscriber.group
    if (!state || subscriber.delivered === state.number) return
    // A state that was read before the stream joined may be older than the tokens of its client.
    if (state.execution <= subscriber.joinedAfter && !omit?.has('an execution after the stream has joined')) return
    const now = env.monotonic()
    const changedAt = subscriber.delivered === 0 ? undefined : state.changedAt
    Object.assign(subscriber, { delivered: state.number, beatAt: now })
    if (state.run.isFinal) this.#finish(subscriber, 'failed', state.event)
    else subscriber.stream.offer(state.event)
    onEvent({ type: 'delivered', lagMs: changedAt === undefined ? undefined : now - changedAt })
  }

  #end(subscriber: Subscriber, reason: EndReason, error: GatewayError | undefined): void {
    const errors = error && [this.#options.formatError(error, subscriber.requestId)]
    const isLast = { token: undefined, stale: undefined, isLast: true }
    this.#finish(subscriber, reason, errors && nextEvent(Buffer.from(JSON.stringify({ errors })), isLast))
  }

  #finish(subscriber: Subscriber, reason: EndReason, last: Uint8Array | undefined): void {
    const { stream } = subscriber
    this.#remove(subscriber, reason)
    stream.finish(last)
    const timer = this.#options.env.setTimer(() => stream.destroy(), LAST_EVENT_MS)
    stream.once('close', () => timer.cancel())
  }

  #remove(subscriber: Subscriber, reason: EndReason): void {
    if (!this.#subscribers.delete(subscriber)) return
    this.#count(subscriber.caller, -1)
    subscriber.group.subscribers.delete(subscriber)
    this.#options.onEvent({ type: 'ended', reason })
    this.#onLeft(subscriber)
  }

  #count(caller: string, change: number): void {
    const count = (this.#callers.get(caller) ?? 0) + change
    if (count === 0) this.#callers.delete(caller)
    else this.#callers.set(caller, count)
  }
}
