import type { Env } from '../model/env.ts'
import { inStep, type OpenStep } from '../model/open-step.ts'
import type { CachePolicy } from '../model/policy.ts'
import { type Loaded, type LoadMany, LoadTimeoutError } from '../model/read.ts'
import type { Flight } from './flight.ts'

/**
 * Runs a load until it ends, the hard timeout of its policy passes or no reader waits for it any more, whichever comes first. If the load
 * rejects, each of its requests gets the error; this function itself never rejects.
 * @param step The observed step of the load; undefined if nothing is observed.
 */
export async function settleLoad<Value>(
  missing: readonly { readonly index: number; readonly flight: Flight }[],
  policy: CachePolicy,
  load: LoadMany<Value>,
  env: Env,
  step: OpenStep | undefined,
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
  for (const { flight } of missing) {
    flight.onAbandoned = abandon
    flight.step = step
  }
  const timer =
    policy.hardTimeoutMs === undefined
      ? undefined
      : env.setTimer(
          () => abort(new LoadTimeoutError(`The load of ${policy.name} took longer than ${policy.hardTimeoutMs} ms.`)),
          policy.hardTimeoutMs,
        )
  try {
    const indexes = missing.map(({ index }) => index)
    return await inStep(step, () => Promise.race([load(indexes, controller.signal), ended]))
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    return missing.map(() => failure)
  } finally {
    timer?.cancel()
    for (const { flight } of missing) flight.onAbandoned = undefined
  }
}
