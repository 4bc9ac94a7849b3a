import type { Env } from '../../../engine/cache/model/env.ts'
import type { RecordedOperation } from '../../../gateway/warming/recorded-operation.ts'
import type { Replay } from '../../../gateway/warming/replay.ts'
import type { WarmUp, WarmUpProgress } from '../../warming/warm-up.ts'
import { tenantOf } from '../access.ts'
import type { WarmProgress } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { RequestProblem } from '../request-problem.ts'
import { warmBody, warmProgress, warmResult } from '../schemas/warming.ts'

/** Warming of this process, as operators use it. */
export interface OperatorWarming {
  readonly warmUp: Pick<WarmUp, 'start' | 'progress'>
  /** Returns the recorded operations, hottest first. */
  hottest(): readonly RecordedOperation[]
}

export interface WarmOptions {
  /** Undefined if warming is off. */
  readonly warming: OperatorWarming | undefined
  readonly replay: Pick<Replay, 'prepare'>
  readonly env: Pick<Env, 'setTimer'>
}

/** Maximum time that a request waits for the end of the warm-up, ms. */
const MAX_WAIT_MS = 15_000

/** GET /warm: the progress of warming in the process that answers. */
export function warmProgressEndpoint({ warming }: Pick<WarmOptions, 'warming'>): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/warm',
    summary: 'Shows the progress of warming',
    description: 'The warm-up that runs now in the process that answers, or else its last one.',
    answer: warmProgress,
    handle: async () => progressOf(requireWarming(warming).warmUp.progress),
  })
}

/** POST /warm: executes operations, so that their values are cached. */
export function warmEndpoint({ warming, replay, env }: WarmOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/warm',
    summary: 'Warms the cache',
    description:
      'Executes operations in the process that answers, by the path of requests. The values are then in its memory and in Redis, from which the other processes read them. A long warm-up continues after the answer: see GET /warm. If one operation is wrong, none is executed.',
    body: warmBody,
    answer: warmResult,
    handle: async ({ caller, body }) => {
      const { warmUp, hottest } = requireWarming(warming)
      if ((body.operations === undefined) === (body.hottest === undefined))
        throw new RequestProblem('BAD_USER_INPUT', undefined, 'Expected either operations or hottest: name one of them.')
      const limited = tenantOf(caller, body.tenant)
      const given = (body.operations ?? []).map(({ query, operationName, variables, tenant: asked, role }, index): RecordedOperation => {
        const tenant = inItem(`operations[${index}].tenant`, () => tenantOf(caller, asked ?? body.tenant)) ?? null
        return { document: query, operationName, variables, tenant, role: tenant === null ? null : role, isTrusted: true }
      })
      for (const [index, recorded] of given.entries()) {
        const operation = replay.prepare(recorded)
        if (typeof operation === 'string') throw new RequestProblem('BAD_USER_INPUT', `operations[${index}]`, operation)
      }
      const recorded = hottest().filter(({ tenant }) => limited === undefined || tenant === limited)
      const planned = body.hottest === undefined ? given : recorded.slice(0, body.hottest)
      if (body.dryRun || planned.length === 0) return { ...progressOf(warmUp.progress), dryRun: body.dryRun, planned: planned.length }
      const late = Promise.withResolvers<void>()
      const timer = env.setTimer(late.resolve, MAX_WAIT_MS)
      const finished = await Promise.race([warmUp.start(planned, 'command'), late.promise])
      timer.cancel()
      return { ...progressOf(finished ?? warmUp.progress), dryRun: false, planned: planned.length }
    },
  })
}

function requireWarming(warming: OperatorWarming | undefined): OperatorWarming {
  if (!warming) throw new RequestProblem('BAD_USER_INPUT', undefined, 'Warming is off: set WARMING=on, and CACHE=on.')
  return warming
}

function inItem<Result>(item: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw error instanceof RequestProblem
      ? error
      : new RequestProblem('FORBIDDEN', item, error instanceof Error ? error.message : String(error))
  }
}

function progressOf({ isRunning, reason, total, done, durationMs }: WarmUpProgress): WarmProgress {
  return { isRunning, reason: reason ?? null, total, done, durationMs }
}
