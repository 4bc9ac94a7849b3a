import type { Entry } from './entry.ts'
import type { Env, Timer } from './env.ts'
import type { Flight, Landing } from './flight.ts'
import { DeadlineExceededError } from './read.ts'

export interface WaitTerms {
  readonly env: Env
  /** Monotonic clock, ms; Infinity for a reader with all the time in the world. */
  readonly leavesAt: number
  /** Monotonic clock from which on a flagged copy will do, ms. */
  readonly staleAt: number
  readonly signal: AbortSignal | undefined
  /** Of the policy, for messages. */
  readonly name: string
  /** A flagged copy that may be served while the load is slow. */
  readonly standIn: () => Entry | undefined
}

/** Waits for a load as long as one reader may, then leaves it to the others. One that took a flagged copy still wants the load to end. */
export async function waitForLanding(flight: Flight, { env, leavesAt, staleAt, signal, name, standIn }: WaitTerms): Promise<Landing> {
  const { promise, resolve } = Promise.withResolvers<Landing>()
  const timers: Timer[] = []
  const leave = (error: Error) => {
    resolve({ error })
    flight.leave()
  }
  const onAbort = () => leave(signal?.reason instanceof Error ? signal.reason : new Error('The reader is gone.'))
  if (leavesAt !== Number.POSITIVE_INFINITY) {
    const giveUp = () => leave(new DeadlineExceededError(`${name} was not loaded in the time that its reader has.`))
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
