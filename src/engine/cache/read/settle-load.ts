import type { Env } from '../model/env.ts'
import type { CachePolicy } from '../model/policy.ts'
import { type Loaded, type LoadMany, LoadTimeoutError } from '../model/read.ts'
import type { Flight } from './flight.ts'

/**
 * Runs a load until it ends, the hard timeout of its policy passes or no reader waits for it any more, whichever comes first. If the load
 * rejects, each of its requests gets the error; this function itself never rejects.
 */
export async function settleLoad<Value>(
  missing: readonly { readonly index: number; readonly flight: Flight }[],
  policy: CachePolicy,
  load: LoadMany<Value>,
  env: Env,
): Promise<readonly (Loaded<Value> | Error)[]> {
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const abort = (reason: Error) => {
    reject(reason)
    controller.abort(reason)
  }
  const abandon = () => {
    if (missing.every(({ flight }) => flight.isAbandoned)) abort(new Error(`Nobody waits for the load of ${policy.name} any more.`))
  }
  for (const { flight } of missing) flight.onAbandoned = abandon
  const timer =
    policy.hardTimeoutMs === undefined
      ? undefined
      : env.setTimer(
          () => abort(new LoadTimeoutError(`The load of ${policy.name} took longer than ${policy.hardTimeoutMs} ms.`)),
          policy.hardTimeoutMs,
        )
  try {
    const work = load(
      missing.map(({ index }) => index),
      controller.signal,
    )
    return await Promise.race([work, ended])
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    return missing.map(() => failure)
  } finally {
    timer?.cancel()
    for (const { flight } of missing) flight.onAbandoned = undefined
  }
}
