import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Env } from '../../engine/cache/model/env.ts'
import type { Pace } from '../../gateway/warming/pace.ts'
import type { RecordedOperation } from '../../gateway/warming/recorded-operation.ts'
import type { Replay, ReplayOutcome } from '../../gateway/warming/replay.ts'

/** Cause of a warm-up: a start of the process, a start with another schema, a broad invalidation, a schedule, or an operator's command. */
export type WarmUpReason = 'start' | 'deploy' | 'invalidation' | 'schedule' | 'command'

export interface WarmUpProgress {
  readonly isRunning: boolean
  /** Reason of the warm-up that runs now. If none runs, the reason of the last warm-up. Undefined before the first warm-up. */
  readonly reason: WarmUpReason | undefined
  /** Number of operations of the warm-up. */
  readonly total: number
  /** Number of operations that were handled, by outcome. */
  readonly done: Readonly<Record<ReplayOutcome['name'], number>>
  /** Current limit of the rate, operations per second. */
  readonly perSecond: number
  /** Duration of the warm-up, ms. While the warm-up runs, this is the time since its start. */
  readonly durationMs: number
}

export type WarmUpEvent =
  | { readonly type: 'started'; readonly reason: WarmUpReason; readonly operations: number }
  | { readonly type: 'replayed'; readonly operation: RecordedOperation; readonly outcome: ReplayOutcome }
  | { readonly type: 'finished'; readonly progress: WarmUpProgress }

export interface WarmUpOptions {
  readonly replay: Pick<Replay, 'replay' | 'isAtHand'>
  readonly pace: Pick<Pace, 'turn' | 'charge' | 'begin' | 'perSecond'>
  /** Maximum number of operations that are executed at the same time. */
  readonly concurrency: number
  readonly env: Pick<Env, 'monotonic'>
  /** Processor time that this thread has used so far, ms. */
  readonly processorTime: () => number
  readonly onEvent: (event: WarmUpEvent) => void
}

/** Number of operations that are skipped in one turn of the event loop because their responses are in memory. */
const SKIPPED_PER_TURN = 16

/**
 * Executes operations so that their values are cached. Only a few operations run at the same time. The rate is reduced while the database
 * is slower than usual. Warm-ups run one after the other.
 */
export class WarmUp {
  readonly #options: WarmUpOptions
  readonly #stopping = new AbortController()
  readonly #stopped = Promise.withResolvers<void>()
  #last: Promise<unknown> = Promise.resolve()
  #progress: Omit<WarmUpProgress, 'perSecond' | 'durationMs'> = { isRunning: false, reason: undefined, total: 0, done: nothingDone() }
  #startedAt = 0
  #durationMs = 0

  constructor(options: WarmUpOptions) {
    this.#options = options
  }

  /** State of the warm-up that runs now. If none runs, the state of the last warm-up. */
  get progress(): WarmUpProgress {
    const { env, pace } = this.#options
    const durationMs = this.#progress.isRunning ? env.monotonic() - this.#startedAt : this.#durationMs
    return { ...this.#progress, done: { ...this.#progress.done }, perSecond: pace.perSecond, durationMs }
  }

  /**
   * Executes the operations in the given order. Waits for the end of the warm-ups that were started before. An operation whose response is
   * in memory is skipped. Resolves with the result when all operations are done, or after `stop` was called. Never rejects.
   */
  start(operations: readonly RecordedOperation[], reason: WarmUpReason): Promise<WarmUpProgress> {
    const running = this.#last.then(() => this.#run(operations, reason))
    this.#last = running
    return running
  }

  /** Ends the running warm-up and all waiting warm-ups. Resolves when no warm-up runs any more. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Warming was stopped.'))
    this.#stopped.resolve()
    await this.#last
  }

  async #run(operations: readonly RecordedOperation[], reason: WarmUpReason): Promise<WarmUpProgress> {
    const { env, pace, concurrency, onEvent } = this.#options
    if (operations.length === 0 || this.#stopping.signal.aborted) return this.progress
    this.#startedAt = env.monotonic()
    this.#progress = { isRunning: true, reason, total: operations.length, done: nothingDone() }
    onEvent({ type: 'started', reason, operations: operations.length })
    pace.begin()
    const queue = operations.values()
    await Promise.all(Array.from({ length: concurrency }, () => this.#work(queue)))
    this.#durationMs = env.monotonic() - this.#startedAt
    this.#progress = { ...this.#progress, isRunning: false }
    const { progress } = this
    onEvent({ type: 'finished', progress })
    return progress
  }

  async #work(queue: IterableIterator<RecordedOperation>): Promise<void> {
    const { replay, pace, processorTime } = this.#options
    const { signal } = this.#stopping
    let skipped = 0
    for (const operation of queue) {
      if (signal.aborted) return
      if (replay.isAtHand(operation)) {
        this.#count(operation, { name: 'cached' })
        if (++skipped % SKIPPED_PER_TURN === 0) await nextTurn()
        continue
      }
      await Promise.race([pace.turn(), this.#stopped.promise])
      if (signal.aborted) return
      const before = processorTime()
      this.#count(operation, await replay.replay(operation, signal))
      pace.charge(processorTime() - before)
    }
  }

  #count(operation: RecordedOperation, outcome: ReplayOutcome): void {
    const { done } = this.#progress
    this.#progress = { ...this.#progress, done: { ...done, [outcome.name]: done[outcome.name] + 1 } }
    this.#options.onEvent({ type: 'replayed', operation, outcome })
  }
}

function nothingDone(): Record<ReplayOutcome['name'], number> {
  return { cached: 0, executed: 0, refused: 0, failed: 0 }
}
