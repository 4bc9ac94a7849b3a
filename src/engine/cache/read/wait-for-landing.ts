import type { Entry } from '../model/entry.ts'
import type { Env, Timer } from '../model/env.ts'
import { DeadlineExceededError } from '../model/read.ts'
import type { Flight, Landing } from './flight.ts'

export interface WaitParams {
  readonly env: Env
  /** Time of the monotonic clock at which the reader gives up, ms; Infinity for a reader without a deadline. */
  readonly leavesAt: number
  /**
   * Time of the monotonic clock from which the reader accepts a copy that is flagged as stale, ms; Infinity means that the reader never
   * accepts such a copy.
   */
  readonly staleAt: number
  readonly signal: AbortSignal | undefined
  /** Name of the policy, for error messages. */
  readonly name: string
  /** Returns a copy, flagged as stale, that may be served while the load is slow. */
  readonly standIn: () => Entry | undefined
}

/**
 * Waits for a load until it ends, the reader's deadline passes, or the reader's signal aborts. In the last two cases the reader leaves the
 * load; a load that all readers have left is aborted. A reader that gets a stale copy does not leave, so that the load goes on.
 */
export async function waitForLanding(flight: Flight, { env, leavesAt, staleAt, signal, name, standIn }: WaitParams): Promise<Landing> {
  const { promise, resolve } = Promise.withResolvers<Landing>()
  const timers: Timer[] = []
  const leave = (error: Error) => {
    resolve({ error })
    flight.leave()
  }
  const onAbort = () => leave(signal?.reason instanceof Error ? signal.reason : new Error('The reader is gone.'))
  if (leavesAt !== Number.POSITIVE_INFINITY) {
    const giveUp = () => leave(new DeadlineExceededError(`Deadline exceeded while loading ${name}.`))
    timers.push(env.setTimer(giveUp, Math.max(0, leavesAt - env.monotonic())))
  }
  if (staleAt !== Number.POSITIVE_INFINITY) {
    const serveStale = () => {
      const entry = standIn()
      if (entry) resolve({ entry, layer: 'stale', reason: 'the source is slow' })
    }
    timers.push(env.setTimer(serveStale, Math.max(0, staleAt - env.monotonic())))
  }
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  void flight.landed().then(resolve)
  try {
    return await promise
  } finally {
    for (const timer of timers) timer.cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
