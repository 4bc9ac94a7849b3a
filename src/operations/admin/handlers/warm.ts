import type { Env } from '../../../engine/cache/model/env.ts'
import { OverloadedError } from '../../../errors.ts'
import type { RecordedOperation } from '../../../gateway/warming/recorded-operation.ts'
import type { Replay } from '../../../gateway/warming/replay.ts'
import type { WarmUp, WarmUpProgress } from '../../warming/warm-up.ts'
import { tenantOf } from '../access.ts'
import type { WarmProgress, WarmState } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { InstanceRegistry, KnownInstance } from '../instances/instance-registry.ts'
import { RequestProblem } from '../request-problem.ts'
import { warmBody, warmResult, warmState } from '../schemas/warming.ts'

/** Warming of this process, as operators use it. */
export interface OperatorWarming {
  readonly warmUp: Pick<WarmUp, 'begin' | 'progress' | 'waiting'>
  /** Returns the recorded operations, hottest first. */
  hottest(): readonly RecordedOperation[]
}

export interface WarmOptions {
  /** Undefined if warming is off. */
  readonly warming: OperatorWarming | undefined
  readonly registry: Pick<InstanceRegistry, 'list'>
  readonly replay: Pick<Replay, 'prepare'>
  readonly env: Pick<Env, 'setTimer'>
}

/** Maximum time that a request waits for the end of the warm-up, ms. */
const MAX_WAIT_MS = 15_000
/** Maximum number of warm-ups that wait for others. Each holds its operations in memory. */
const MAX_WAITING = 4
/** Time after which a caller should try again if too many warm-ups wait, ms. */
const RETRY_AFTER_MS = 10_000
const MAX_RUNS = 50

/** GET /warm: the progress of warming in the process that answers, and the last warm-ups of all processes. */
export function warmStateEndpoint({ warming, registry }: Pick<WarmOptions, 'warming' | 'registry'>): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/warm',
    summary: 'Shows the progress of warming, and the last warm-ups',
    description:
      'The warm-up that runs now in the process that answers, or else its last one. The last warm-ups are those of all processes.',
    answer: warmState,
    handle: async ({ caller }) => {
      const runs = caller.role === 'OPERATOR' ? runsOf(await registry.list()) : null
      return warming
        ? { isOn: true, ...progressOf(warming.warmUp.progress), waiting: warming.warmUp.waiting, runs }
        : { isOn: false, ...NONE, waiting: 0, runs }
    },
  })
}

/** Progress of a process that never warmed. */
const NONE: WarmProgress = {
  isRunning: false,
  reason: null,
  total: 0,
  done: { cached: 0, executed: 0, refused: 0, failed: 0 },
  durationMs: 0,
}

function runsOf(instances: readonly KnownInstance[]): NonNullable<WarmState['runs']> {
  const runs = instances.flatMap(({ id, details }) => (details.warmUps ?? []).map((run) => ({ instance: id, ...run })))
  return runs.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt)).slice(0, MAX_RUNS)
}

/** POST /warm: executes operations, so that their values are cached. */
export function warmEndpoint({ warming, replay, env }: Omit<WarmOptions, 'registry'>): Endpoint {
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
      if (warmUp.waiting >= MAX_WAITING)
        throw new OverloadedError(
          `Expected at most ${MAX_WAITING} warm-ups that wait, and ${warmUp.waiting} do: warm again when GET /warm shows fewer.`,
          RETRY_AFTER_MS,
        )
      const late = Promise.withResolvers<void>()
      const timer = env.setTimer(late.resolve, MAX_WAIT_MS)
      const started = warmUp.begin(planned, 'command')
      await Promise.race([started.finished, late.promise])
      timer.cancel()
      return { ...progressOf(started.progress), dryRun: false, planned: planned.length }
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
