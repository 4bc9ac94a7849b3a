import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql'
import type { Cache } from '../cache/cache.ts'
import type { Env } from '../cache/env.ts'
import type { Explanation } from '../cache/explain.ts'
import type { Loaded } from '../cache/read.ts'
import type { Session } from '../cache/session.ts'
import { type AnswerFromTier, type ReadParts, type ResponseTier, SourceUnavailableError, Unstored } from '../responses/response-tier.ts'
import { type StoredResponse, storedResponse } from '../responses/stored-response.ts'
import { storageHeaders } from './cache-control.ts'
import { narrowestScope } from './cache-rules.ts'
import { createContext, type Sources } from './context.ts'
import { debuggingSchema } from './debugging-schema.ts'
import type { OperationPlan } from './document-plan.ts'
import { disclose } from './error-format.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { CacheHint } from './hint-policy.ts'
import { checkAnswerSize } from './limits/answer-size.ts'
import { CostSemaphore } from './limits/cost-semaphore.ts'
import { ExecutionBudget } from './limits/execution-budget.ts'
import type { ExecutionLimits } from './limits/limits.ts'
import { cacheable, type Operation } from './prepared-operation.ts'
import type { RequestDirectives } from './request-directives.ts'
import type { GatewaySchema } from './schema.ts'
import { Trace } from './trace.ts'

export interface OperationRunnerOptions {
  readonly gateway: GatewaySchema
  readonly cache: Cache
  readonly responses: ResponseTier
  readonly sources: Sources
  readonly env: Env
  readonly limits: ExecutionLimits
  /** Whether errors of variables name nothing of the schema that was not asked for. */
  readonly hideSuggestions: boolean
}

/** Who executes an operation, and what they must see. */
export interface RunTerms {
  readonly session: Session
  readonly requestId: string
  readonly debug: boolean
  readonly directives: RequestDirectives
}

/** What an execution gave, with where its parts came from. */
export interface Run {
  readonly result: ExecutionResult
  readonly trace: Trace
  /** How long and by whom the answer may be kept outside. */
  readonly hint: CacheHint
}

export interface Answered extends AnswerFromTier<Run> {
  /** Of the execution, where this request's own answered. */
  readonly trace: Trace | undefined
}

/** Of what costs less the answer is small, whatever its texts. */
const CHECKED_COST = 1000
/** Compiled code completes all lists in one turn: what costs more takes too long for that. */
const MAX_COMPILED_COST = 10_000

/** Answers operations: from the response tier where their plan allows it, else by executing them. */
export class OperationRunner {
  readonly #options: OperationRunnerOptions
  /** Plans of what turned out to read past the cache. */
  readonly #uncacheable = new WeakSet<OperationPlan>()
  readonly #execute: Executor
  readonly #turns: CostSemaphore
  /** Made when a request is debugged for the first time. */
  #debuggedSchema: GraphQLSchema | undefined

  constructor(options: OperationRunnerOptions) {
    this.#options = options
    this.#execute = createExecutor(options.gateway.schema, options)
    this.#turns = new CostSemaphore(options.limits.maxConcurrentCost)
  }

  /** Where the answer is kept as a whole; undefined where it is not, and the operation is to be executed for each request. */
  cacheable(operation: Operation): ReturnType<typeof cacheable> {
    if (!this.#options.cache.enabled || this.#uncacheable.has(operation.plan)) return undefined
    return cacheable(operation)
  }

  /**
   * Executes the operation for this request alone: at once, or when there is room for what it costs.
   * @param isRefresh Whether the cache's values whose time ran out will not do.
   * @throws LimitExceededError for an answer that is too large, GatewayError TIMEOUT, and what keeps it from being executed at all.
   */
  async run(operation: Operation, terms: RunTerms, isRefresh = false): Promise<Run> {
    const { env, limits } = this.#options
    const { plan, cost } = operation
    const clock = { monotonic: () => env.monotonic(), nextTurn: () => new Promise<void>((resolve) => setImmediate(resolve)) }
    const budget = new ExecutionBudget(limits, clock, plan.kind === 'query')
    const executing = this.#turns.run(
      cost,
      () => !budget.timeout,
      () => this.#executeWithin(budget, operation, terms, isRefresh),
    )
    const run = plan.kind === 'query' ? await this.#inTime(executing) : await executing
    if (!run) throw budget.timeout ?? new TypeError('An operation that was wanted was not executed.')
    if (plan.kind === 'query' && cost > CHECKED_COST) checkAnswerSize(run.result.data, limits)
    return run
  }

  async #executeWithin(
    budget: ExecutionBudget,
    operation: Operation,
    { session, debug, directives }: RunTerms,
    isRefresh: boolean,
  ): Promise<Run> {
    const { gateway, cache, sources } = this.#options
    const { document, operationName, variables, viewer, plan, cost } = operation
    const trace = new Trace({ debug })
    const context = createContext({
      gateway,
      cache,
      sources,
      now: () => cache.now(),
      viewer,
      session,
      trace,
      directives,
      budget,
      isRefresh,
    })
    try {
      if (plan.isStrict) await context.beginSnapshot()
      const terms = { document, operationName, variableValues: variables, contextValue: context }
      const onInterpreted = () => budget.allowSlices()
      if (debug) onInterpreted()
      const executing = debug
        ? execute({ schema: this.#debugged(), hideSuggestions: this.#options.hideSuggestions, ...terms })
        : this.#execute({ ...terms, mayCompile: cost <= MAX_COMPILED_COST, onInterpreted })
      const result = await executing
      const hint = context.cacheHints.overall(plan)
      // A resolver that shortened the hint of the schema shortens the life of the whole answer, wherever it is kept.
      if (hint.maxAge !== undefined && hint.maxAge < (plan.hint.maxAge ?? Number.POSITIVE_INFINITY))
        trace.leastTtlMs = Math.min(trace.leastTtlMs, hint.maxAge * 1000)
      return { result, trace, hint }
    } finally {
      await context.endSnapshot()
    }
  }

  /** The execution itself goes on until it asks its budget for the next list. */
  async #inTime(executing: Promise<Run | undefined>): Promise<Run | undefined> {
    const { env, limits } = this.#options
    const late = Promise.withResolvers<undefined>()
    const timer = env.setTimer(() => late.resolve(undefined), limits.executionTimeoutMs + 1)
    executing.catch(() => undefined)
    try {
      return await Promise.race([executing, late.promise])
    } finally {
      timer.cancel()
    }
  }

  /** The answer of an operation that is cacheable. @throws what keeps it from being executed at all. */
  async answer(operation: Operation, where: NonNullable<ReturnType<typeof cacheable>>, terms: RunTerms): Promise<Answered> {
    let trace: Trace | undefined
    const answered = await this.#options.responses.answer<Run>(
      where,
      { ...terms, refresh: terms.directives.refresh },
      async (isRefresh) => {
        const madeAt = this.#options.cache.now()
        const run = await this.run(operation, terms, isRefresh)
        trace = run.trace
        return terms.directives.discard ? new Unstored(run, true, partsOf(run)) : this.#toStore(operation, run, madeAt)
      },
    )
    return { ...answered, trace: answered.layer === 'origin' ? trace : undefined }
  }

  /** Where the answer as a whole is kept, and why it would or would not be served; undefined where it is not kept as a whole. */
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
    const isPersonal = trace.uncacheableReason !== undefined || narrowestScope([plan.scope, trace.looked]) !== plan.scope
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
    const headers = storageHeaders({ plan, hint, trace, failed: false, authenticated: viewer !== null, personal: false })
    const value = storedResponse({ madeAt, lifeMs, headers: Object.entries(headers).flat() }, JSON.stringify(result))
    return { value, ...partsOf(run), ttlMs: lifeMs }
  }
}

function partsOf({ trace }: Run): ReadParts {
  return { tags: [...trace.tags], until: trace.until }
}
