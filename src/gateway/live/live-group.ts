import type { GatewayError } from '../../errors.ts'
import type { Staleness } from '../graphql/answers/staleness.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import type { EventStream } from './event-stream.ts'
import { nextEvent } from './live-event.ts'
import type { LiveRun } from './live-run.ts'

/**
 * Returns why the caller of a stream may no longer read it; undefined if the caller still may. Rejects never. The error UNAVAILABLE means
 * that this cannot be told now.
 */
export type Standing = () => GatewayError | undefined | Promise<GatewayError | undefined>

/** One stream of a live query. */
export interface Subscriber {
  readonly stream: EventStream
  readonly operation: Operation
  readonly requestId: string
  /** Key of the caller, for the limit of streams. */
  readonly caller: string
  readonly standing: Standing
  group: LiveGroup
  /** The state that was sent last; undefined before the first one. */
  delivered: LiveState | undefined
  /** Whether the standing of the caller is being read. */
  isChecking: boolean
  /** Time of the newest event or comment, by the monotonic clock, ms. */
  beatAt: number
  /** Time of the newest check of the caller's standing, by the monotonic clock, ms. */
  checkedAt: number
}

/** A result of a live query, as sent to all streams of its group. */
export interface LiveState {
  readonly run: LiveRun
  readonly token: string
  readonly stale: Staleness | undefined
  readonly event: Uint8Array
}

/** Streams of one live query whose results are equal, because they have one cache key. They share each execution and its bytes. */
export class LiveGroup {
  /** Cache key of the whole response, which is also a tag; for a group of one stream, a key that no value has. */
  readonly key: string
  /** Whether streams of several callers may be in the group. */
  readonly isShared: boolean
  readonly subscribers = new Set<Subscriber>()
  state: LiveState | undefined
  /** Tags of the newest state. */
  tags: readonly string[] = []
  /** Time at which a value of the newest state changes without a write, Unix epoch ms. */
  until = Number.POSITIVE_INFINITY
  /** Time of the monotonic clock at which the query is executed again although nothing was invalidated, ms. */
  retryAt = Number.POSITIVE_INFINITY
  isRunning = false
  /** Whether the query must be executed once more after the execution that runs now. */
  isDirty = false
  /** Whether it is not known if the newest result was invalidated while it was read, because the log could not be read. */
  isDoubtful = false
  /** Time of the oldest write that the next execution has to show, by the monotonic clock, ms; undefined if no write caused it. */
  changedAt: number | undefined

  constructor(key: string, isShared: boolean) {
    this.key = key
    this.isShared = isShared
  }

  /** Keeps the result of an execution. Returns whether it differs from the newest state. */
  settle(run: LiveRun, seal: () => string): boolean {
    const { state } = this
    const isSame = state && isEqual(state.run.body, run.body) && (state.stale === undefined) === (run.stale === undefined)
    if (isSame && !run.isFinal) return false
    this.state = stateOf(run, seal(), run.stale)
    return true
  }

  /** Marks the newest state as stale. Returns whether it was not marked before. */
  flag(stale: Staleness): boolean {
    const { state } = this
    if (!state || state.stale) return false
    this.state = stateOf(state.run, state.token, stale)
    return true
  }
}

function stateOf(run: LiveRun, token: string, stale: Staleness | undefined): LiveState {
  return { run, token, stale, event: nextEvent(run.body, { token, stale, isLast: run.isFinal }) }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.byteLength === other.byteLength && Buffer.compare(one, other) === 0)
}
