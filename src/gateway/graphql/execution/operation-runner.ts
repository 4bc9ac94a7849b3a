import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql'
import type { Cache } from '../../../engine/cache/cache.ts'
import type { Explanation } from '../../../engine/cache/inspect/explain.ts'
import type { Env } from '../../../engine/cache/model/env.ts'
import { inStep } from '../../../engine/cache/model/open-step.ts'
import type { Loaded } from '../../../engine/cache/model/read.ts'
import type { Session } from '../../../engine/cache/model/session.ts'
import { GatewayError } from '../../../errors.ts'
import { narrowestScope } from '../../policies/cache-rules.ts'
import type { PopularityCounts } from '../../policies/popularity.ts'
import {
  type AnswerFromTier,
  type CacheableOperation,
  type ReadParts,
  type ResponseTier,
  SourceUnavailableError,
  Unstored,
} from '../../responses/response-tier.ts'
import { type StoredResponse, storedResponse } from '../../responses/stored-response.ts'
import { storageHeaders } from '../answers/cache-control.ts'
import { Trace } from '../answers/trace.ts'
import type { OperationPlan } from '../document/document-plan.ts'
import { disclose } from '../document/error-format.ts'
import type { ExecutionLimits } from '../document/limits/limits.ts'
import { cacheable, type Operation } from '../document/prepared-operation.ts'
import type { CacheHint } from '../schema/hint-policy.ts'
import type { GatewaySchema } from '../schema/schema.ts'
import { createContext, type Sources } from './context.ts'
import { debuggingSchema } from './debugging-schema.ts'
import { createExecutor, type Executor } from './executor.ts'
import { checkAnswerSize } from './limits/answer-size.ts'
import { CostSemaphore } from './limits/cost-semaphore.ts'
import { ExecutionBudget } from './limits/execution-budget.ts'
import type { OperationObserver } from './operation-observer.ts'
import { NO_DIRECTIVES, type RequestDirectives } from './request-directives.ts'

export interface OperationRunnerOptions {
  readonly gateway: GatewaySchema
  readonly cache: Cache
  readonly responses: ResponseTier
  readonly sources: Sources
  readonly env: Env
  readonly limits: ExecutionLimits
  readonly popularity: PopularityCounts
  /** Whether error messages about variables leave out suggestions, which would reveal names of the schema. */
  readonly hideSuggestions: boolean
  readonly observer: OperationObserver | undefined
}

/** Options for the execution of one operation. */
export interface RunOptions {
  readonly session: Session
  readonly requestId: string
  readonly debug: boolean
  readonly directives: RequestDirectives
  /** Aborts when the client is gone; undefined if it is not known whether the client is gone. */
  readonly signal: AbortSignal | undefined
  /** Whether all values are read past the cache, from one snapshot of the database, and not counted as reads. Default false. */
  readonly isPastCache?: boolean
}

/** Result of an execution, with a trace that says where its values came from. */
export interface Run {
  readonly result: ExecutionResult
  readonly trace: Trace
  /** Hint of the whole response for caches outside the gateway. */
  readonly hint: CacheHint
  /** Whether a value of the response was invalidated while the operation was executed, as far as this process knows at the time of the call. */
  readonly isOvertaken: () => boolean
}

export interface Answered extends AnswerFromTier<Run> {
  /** Trace of the execution; undefined if the response came from a cache or from the execution of a concurrent request. */
  readonly trace: Trace | undefined
}

/** Cost above which the size of a response is checked. A response with a lower cost is always small. */
const CHECKED_COST = 1000
/**
 * Maximum cost of an operation that compiled code executes. Compiled code completes all lists in one turn of the event loop, which must not
 * take long.
 */
const MAX_COMPILED_COST = 10_000
/** Maximum total cost of concurrent comparisons, as a share of `maxConcurrentCost`. The rest is left for the operations of clients. */
const COMPARISON_SHARE = 0.25

/** Answers operations: from the response tier if their plan allows it, or else by executing them. */
export class OperationRunner {
  readonly #options: OperationRunnerOptions
  /** Plans of operations whose responses must not be stored, because their execution read values that must not be cached or shared. */
  readonly #uncacheable = new WeakSet<OperationPlan>()
  readonly #execute: Executor
  readonly #turns: CostSemaphore
  readonly #comparisons: CostSemaphore
  /** Schema for requests with debugging, which is created for the first such request. */
  #debuggedSchema: GraphQLSchema | undefined

  constructor(options: OperationRunnerOptions) {
    this.#options = options
    this.#execute = createExecutor(options.gateway.schema, options)
    this.#turns = new CostSemaphore(options.limits.maxConcurrentCost)
    this.#comparisons = new CostSemaphore(options.limits.maxConcurrentCost * COMPARISON_SHARE)
  }

  /**
   * Returns the key and policy under which the whole response is cached. Returns undefined if the response is not cached as a whole. The
   * operation is then executed for each request.
   * @param known Key and policy that were computed before from the same plan and variables.
   */
  cacheable(operation: Operation, known?: CacheableOperation): CacheableOperation | undefined {
    if (!this.#options.cache.enabled || this.#uncacheable.has(operation.plan)) return undefined
    return known ?? cacheable(operation)
  }

  /**
   * Executes the operation as soon as the cost of the running operations leaves room for it. A query ends early when its client is gone or
   * its time is over. Its loads are then aborted, unless another request waits for them. A mutation is never aborted.
   * @param isRefresh Whether expired values must be reloaded instead of served stale.
   * @throws LimitExceededError for a response that is too large; GatewayError TIMEOUT; any error that prevents the execution.
   */
  async run(operation: Operation, runOptions: RunOptions, isRefresh = false): Promise<Run> {
    const { env, limits, observer } = this.#options
    const { plan, cost } = operation
    const clock = { monotonic: () => env.monotonic(), nextTurn: () => new Promise<void>((resolve) => setImmediate(resolve)) }
    const budget = new ExecutionBudget(limits, clock, plan.kind === 'query')
    const leaving = plan.kind === 'query' ? new AbortController() : undefined
    const execute = () => this.#executeWithin(budget, operation, { ...runOptions, signal: leaving?.signal }, isRefresh)
    const executing = this.#turns.run(
      cost,
      () => !budget.timeout && !leaving?.signal.aborted,
      () => inStep(runOptions.isPastCache ? undefined : observer?.beginExecution(), execute),
    )
    const run = leaving ? await this.#inTime(executing, leaving, runOptions.signal) : await executing
    if (!run) throw budget.timeout ?? leaving?.signal.reason ?? new TypeError('The operation was not executed, but its client waits.')
    if (plan.kind === 'query' && cost > CHECKED_COST) checkAnswerSize(run.result.data, limits)
    return run
  }

  async #executeWithin(
    budget: ExecutionBudget,
    operation: Operation,
    { session, debug, directives, signal, isPastCache }: RunOptions,
    isRefresh: boolean,
  ): Promise<Run> {
    const { gateway, cache, sources, popularity } = this.#options
    const { document, operationName, variables, viewer, plan, cost } = operation
    const trace = new Trace({ debug })
    const isUnchanged = cache.observeInvalidations()
    const context = createContext({
      gateway,
      cache: isPastCache ? { getMany: (...read) => cache.getMany(...read), loadPast: (_, load) => load() } : cache,
      sources,
      now: () => cache.now(),
      viewer,
      session,
      trace,
      directives,
      budget,
      isRefresh,
      signal,
      popularity,
    })
    try {
      if (plan.isStrict || isPastCache) await context.beginSnapshot()
      const executionParams = { document, operationName, variableValues: variables, contextValue: context }
      const onInterpreted = () => budget.allowSlices()
      if (debug) onInterpreted()
      const executing = debug
        ? execute({ schema: this.#debugged(), hideSuggestions: this.#options.hideSuggestions, ...executionParams })
        : this.#execute({ ...executionParams, mayCompile: cost <= MAX_COMPILED_COST, onInterpreted })
      const result = await executing
      const hint = context.cacheHints.overall(plan)
      // A resolver may have lowered the maxAge of the response. The caches of the gateway must then not keep the response any longer
      // either.
      if (hint.maxAge !== undefined && hint.maxAge < (plan.hint.maxAge ?? Number.POSITIVE_INFINITY))
        trace.leastTtlMs = Math.min(trace.leastTtlMs, hint.maxAge * 1000)
      return { result, trace, hint, isOvertaken: () => !isUnchanged([...trace.tags]) }
    } finally {
      await context.endSnapshot()
    }
  }

  /**
   * Resolves with the result of the execution. Resolves with undefined if the time of the execution is over or the client is gone. After a
   * timeout, the execution stops at its next list, because the budget refuses the list.
   */
  async #inTime(executing: Promise<Run | undefined>, leaving: AbortController, gone: AbortSignal | undefined): Promise<Run | undefined> {
    const { env, limits } = this.#options
    const late = Promise.withResolvers<undefined>()
    const end = (reason: unknown) => {
      leaving.abort(reason)
      late.resolve(undefined)
    }
    const leave = () => end(gone?.reason)
    const timer = env.setTimer(() => end(new GatewayError('TIMEOUT')), limits.executionTimeoutMs + 1)
    if (gone?.aborted) leave()
    else gone?.addEventListener('abort', leave, { once: true })
    executing.catch(() => undefined)
    try {
      return await Promise.race([executing, late.promise])
    } finally {
      timer.cancel()
      gone?.removeEventListener('abort', leave)
    }
  }

  /** Returns the response to a cacheable operation from the response tier. @throws any error that prevents the execution. */
  async answer(operation: Operation, where: CacheableOperation, runOptions: RunOptions): Promise<Answered> {
    let trace: Trace | undefined
    const answered = await this.#options.responses.answer<Run>(
      where,
      { ...runOptions, refresh: runOptions.directives.refresh, loadPast: (signal) => this.#loadPast(operation, { ...runOptions, signal }) },
      async (isRefresh, signal) => {
        const madeAt = this.#options.cache.now()
        const run = await this.run(operation, { ...runOptions, signal }, isRefresh)
        trace = run.trace
        return runOptions.directives.discard ? new Unstored(run, true, partsOf(run)) : this.#toStore(operation, run, madeAt)
      },
    )
    // The layer `origin` means that this request executed the operation. The execution has already counted the subjects of the response.
    if (answered.layer !== 'origin' && !runOptions.session.isBackground) this.countSubjects(answered.answer)
    return { ...answered, trace: answered.layer === 'origin' ? trace : undefined }
  }

  /** Executes the operation past the cache, to compare a cached response with the result. */
  async #loadPast(operation: Operation, runOptions: RunOptions): Promise<Loaded<unknown>> {
    const session = this.#options.cache.openSession(undefined, { isBackground: true })
    const options = { ...runOptions, session, debug: false, directives: NO_DIRECTIVES, isPastCache: true }
    const isWanted = () => runOptions.signal?.aborted !== true
    const run = await this.#comparisons.run(operation.cost, isWanted, () => this.run(operation, options))
    return { value: run && !run.result.errors ? run.result : undefined }
  }

  /**
   * Counts one request for each subject of a response. A subject is a text whose popularity decides the TTL of a value. Must be called for
   * each request that got a cached response or the response of another request's execution. An execution counts its subjects by itself.
   */
  countSubjects(answer: StoredResponse | Unstored<Run>): void {
    const subjects = answer instanceof Unstored ? answer.result.trace.subjects : answer.head.subjects
    if (subjects) for (const subject of subjects) this.#options.popularity.count(subject)
  }

  /**
   * Explains where the whole response is cached, and whether the cached response would be served. Returns undefined if the response is not
   * cached as a whole.
   */
  async explain(operation: Operation): Promise<Explanation | undefined> {
    const where = this.cacheable(operation)
    return where && this.#options.cache.explain(where.request, where.policy)
  }

  #debugged(): GraphQLSchema {
    this.#debuggedSchema ??= debuggingSchema(this.#options.gateway.schema)
    return this.#debuggedSchema
  }

  #toStore({ plan, viewer }: Operation, run: Run, madeAt: number): Loaded<StoredResponse> | Unstored<Run> {
    const { result, trace, hint } = run
    const isPersonal = trace.uncacheableReason !== undefined || narrowestScope([plan.scope, trace.identityRead]) !== plan.scope
    if (isPersonal) this.#uncacheable.add(plan)
    const isOnlyForCaller = hint.scope === 'PRIVATE' && plan.hint.scope !== 'PRIVATE'
    const isShareable = !isPersonal && !(isOnlyForCaller && plan.scope === 'PUBLIC')
    const unstored = new Unstored(run, isShareable, partsOf(run))
    if (result.errors) {
      const { isUnavailable } = this.#options.sources
      if (result.errors.every((error) => disclose(error, isUnavailable).code === 'UNAVAILABLE')) throw new SourceUnavailableError(unstored)
      return unstored
    }
    const { policy } = plan
    const lifeMs = Math.min(trace.leastTtlMs, Math.max(policy?.l1Ms ?? 0, policy?.l2Ms ?? 0))
    if (!isShareable || trace.counts.stale > 0 || lifeMs <= 0) return unstored
    const overtaken = run.isOvertaken()
    const headers = storageHeaders({ plan, hint, trace, failed: false, authenticated: viewer !== null, personal: false, overtaken })
    const head = { madeAt, lifeMs, headers: Object.entries(headers).flat() }
    const { subjects } = trace
    const value = storedResponse(subjects.size === 0 ? head : { ...head, subjects: [...subjects] }, JSON.stringify(result))
    return { value, ...partsOf(run), ttlMs: lifeMs, fromCopies: trace.misses === 0 }
  }
}

function partsOf({ trace }: Run): ReadParts {
  return { tags: [...trace.tags], until: trace.until }
}
