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
  /** Number of the group's newest execution when the stream joined it. A state of that execution may be too old for the stream. */
  joinedAfter: number
  /** Number of the state that was sent last; 0 before the first one. */
  delivered: number
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
  /** Counts the states of the group that differ. A stream gets each of them at most once. */
  readonly number: number
  /** Number of the execution that read the state. */
  readonly execution: number
  /** Time of the oldest write that the state shows first, by the monotonic clock, ms; undefined if no write caused it. */
  readonly changedAt: number | undefined
  readonly event: Uint8Array
}

/** An execution of a group's query. */
export interface Execution {
  /** Number of the execution in its group, from 1. */
  readonly number: number
  /** Whether a stream waits for this execution, because it joined after the execution before. */
  readonly isAwaited: boolean
  /** Time of the oldest write that the execution has to show, by the monotonic clock, ms; undefined if no write caused it. */
  readonly changedAt: number | undefined
}

/** Streams of one live query whose results are equal, because they have one cache key. They share each execution and its bytes. */
export class LiveGroup {
  /** Cache key of the whole response, which is also a tag; for a group of one stream, a key that no value has. */
  readonly key: string
  /** Whether streams of several callers may be in the group. */
  readonly isShared: boolean
  /** Tenant to which the result belongs; the public one for a result that all tenants share, and for callers without a token. */
  readonly tenant: string
  readonly subscribers = new Set<Subscriber>()
  state: LiveState | undefined
  /** Tags of the newest state. */
  tags: readonly string[] = []
  /** Types of these tags. */
  types: ReadonlySet<string> = new Set()
  /** Time at which a value of the newest state changes without a write, Unix epoch ms. */
  until = Number.POSITIVE_INFINITY
  /** Time of the monotonic clock at which the query is executed again although nothing was invalidated, ms. */
  retryAt = Number.POSITIVE_INFINITY
  /** Time of the monotonic clock before which the query is executed only if a stream awaits its first state, ms. */
  restsUntil = 0
  /** Number of the newest executions in a row that failed. */
  failures = 0
  /** Whether a stream has joined since the newest execution began. */
  isAwaited = false
  isRunning = false
  /** Whether the query must be executed once more after the execution that runs now. */
  isDirty = false
  /** Whether it is not known if the newest result was invalidated while it was read, because the log could not be read. */
  isDoubtful = false
  /** Time of the oldest write that the next execution has to show, by the monotonic clock, ms; undefined if no write caused it. */
  changedAt: number | undefined
  #executions = 0

  constructor(key: string, isShared: boolean, tenant: string) {
    this.key = key
    this.isShared = isShared
    this.tenant = tenant
  }

  /** Adds a stream. Its first state is one of an execution that begins after this call. */
  join(subscriber: Subscriber): void {
    Object.assign(subscriber, { group: this, joinedAfter: this.#executions, delivered: 0 })
    this.subscribers.add(subscriber)
    this.isAwaited = true
  }

  /** Notes that an execution begins. */
  begin(): Execution {
    const { isAwaited, changedAt } = this
    this.#executions++
    Object.assign(this, { isAwaited: false, isDoubtful: false, changedAt: undefined })
    return { number: this.#executions, isAwaited, changedAt }
  }

  /** Keeps the result of an execution. Returns whether it differs from the newest state. */
  settle(run: LiveRun, { number: execution, changedAt }: Execution, seal: () => string): boolean {
    const { state } = this
    const { stale } = run
    const isSame = state && isEqual(state.run.body, run.body) && (state.stale === undefined) === (stale === undefined)
    if (!isSame || run.isFinal) {
      this.state = stateOf({ run, stale, execution, changedAt, number: (state?.number ?? 0) + 1, token: seal() })
      return true
    }
    // Streams that wait for their first state get the same one, but with a token that is as new as the execution.
    if ([...this.subscribers].some(({ delivered }) => delivered === 0)) this.state = stateOf({ ...state, execution, token: seal() })
    return false
  }

  /** Marks the newest state as stale. Returns whether it was not marked before. */
  flag(stale: Staleness): boolean {
    const { state } = this
    if (!state || state.stale) return false
    this.state = stateOf({ ...state, stale, number: state.number + 1, changedAt: undefined })
    return true
  }
}

function stateOf(facts: Omit<LiveState, 'event'>): LiveState {
  const { run, token, stale } = facts
  return { ...facts, event: nextEvent(run.body, { token, stale, isLast: run.isFinal }) }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.byteLength === other.byteLength && Buffer.compare(one, other) === 0)
}
