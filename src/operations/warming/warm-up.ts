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

/** A warm-up that runs, waits for others, or has ended. */
export interface StartedWarmUp {
  /** State of this warm-up, whichever one runs now. */
  readonly progress: WarmUpProgress
  /** Resolves with the result when all operations are done, or after `stop` was called. Never rejects. */
  readonly finished: Promise<WarmUpProgress>
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
  /** The warm-up that runs now, or else the last one. */
  #current: Run = newRun(undefined, 0)
  #waiting = 0

  constructor(options: WarmUpOptions) {
    this.#options = options
  }

  /** State of the warm-up that runs now. If none runs, the state of the last warm-up. */
  get progress(): WarmUpProgress {
    return this.#progressOf(this.#current)
  }

  /** Number of warm-ups that wait for the end of others. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Executes the operations in the given order. Waits for the end of the warm-ups that were started before. An operation whose response is
   * in memory is skipped. Resolves with the result when all operations are done, or after `stop` was called. Never rejects.
   */
  start(operations: readonly RecordedOperation[], reason: WarmUpReason): Promise<WarmUpProgress> {
    return this.begin(operations, reason).finished
  }

  /** Does the same as `start`, and shows the progress of this warm-up meanwhile. */
  begin(operations: readonly RecordedOperation[], reason: WarmUpReason): StartedWarmUp {
    const run = newRun(reason, operations.length)
    this.#waiting++
    const finished = this.#last.then(() => {
      this.#waiting--
      return this.#run(operations, run)
    })
    this.#last = finished
    const progress = () => this.#progressOf(run)
    return {
      finished,
      get progress() {
        return progress()
      },
    }
  }

  /** Ends the running warm-up and all waiting warm-ups. Resolves when no warm-up runs any more. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Warming was stopped.'))
    this.#stopped.resolve()
    await this.#last
  }

  #progressOf({ isRunning, reason, total, done, startedAt, durationMs }: Run): WarmUpProgress {
    const { env, pace } = this.#options
    const passedMs = isRunning ? env.monotonic() - startedAt : durationMs
    return { isRunning, reason, total, done: { ...done }, perSecond: pace.perSecond, durationMs: passedMs }
  }

  async #run(operations: readonly RecordedOperation[], run: Run): Promise<WarmUpProgress> {
    const { env, pace, concurrency, onEvent } = this.#options
    const { reason } = run
    if (reason === undefined || operations.length === 0 || this.#stopping.signal.aborted) return this.#progressOf(run)
    this.#current = run
    run.startedAt = env.monotonic()
    run.isRunning = true
    onEvent({ type: 'started', reason, operations: operations.length })
    pace.begin()
    const queue = operations.values()
    await Promise.all(Array.from({ length: concurrency }, () => this.#work(queue, run)))
    run.durationMs = env.monotonic() - run.startedAt
    run.isRunning = false
    const progress = this.#progressOf(run)
    onEvent({ type: 'finished', progress })
    return progress
  }

  async #work(queue: IterableIterator<RecordedOperation>, run: Run): Promise<void> {
    const { replay, pace, processorTime, onEvent } = this.#options
    const { signal } = this.#stopping
    const count = (operation: RecordedOperation, outcome: ReplayOutcome) => {
      run.done[outcome.name]++
      onEvent({ type: 'replayed', operation, outcome })
    }
    let skipped = 0
    for (const operation of queue) {
      if (signal.aborted) return
      if (replay.isAtHand(operation)) {
        count(operation, { name: 'cached' })
        if (++skipped % SKIPPED_PER_TURN === 0) await nextTurn()
        continue
      }
      await Promise.race([pace.turn(), this.#stopped.promise])
      if (signal.aborted) return
      const before = processorTime()
      count(operation, await replay.replay(operation, signal))
      pace.charge(processorTime() - before)
    }
  }
}

interface Run {
  isRunning: boolean
  readonly reason: WarmUpReason | undefined
  readonly total: number
  readonly done: Record<ReplayOutcome['name'], number>
  startedAt: number
  durationMs: number
}

function newRun(reason: WarmUpReason | undefined, total: number): Run {
  const done = { cached: 0, executed: 0, refused: 0, failed: 0 }
  return { isRunning: false, reason, total, done, startedAt: 0, durationMs: 0 }
}
