import { hash } from 'node:crypto'
import type { Cache } from '../../engine/cache/cache.ts'
import { GatewayError } from '../../errors.ts'
import { ownerOf } from '../budgets/fair-store.ts'
import { checkRequest, type RequestChecks } from '../graphql/document/check-request.ts'
import type { DocumentPlanner } from '../graphql/document/document-plan.ts'
import { InvalidRequestError } from '../graphql/document/invalid-request.ts'
import { refuseAbove } from '../graphql/document/limits/refuse.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import { NO_TRUSTED_DOCUMENTS } from '../graphql/document/trusted/trusted-documents.ts'
import { CostSemaphore } from '../graphql/execution/limits/cost-semaphore.ts'
import type { OperationRunner } from '../graphql/execution/operation-runner.ts'
import { NO_DIRECTIVES } from '../graphql/execution/request-directives.ts'
import type { Principal } from '../identity/principal.ts'
import type { CacheableOperation } from '../responses/response-tier.ts'
import type { RecordedOperation } from './recorded-operation.ts'

/** The parts of the gateway that execute an operation. */
export interface ReplayParts extends RequestChecks {
  readonly planner: DocumentPlanner
  readonly runner: OperationRunner
  readonly cache: Cache
}

export type ReplayOutcome =
  /** The whole response was cached already, in this process or in Redis. */
  | { readonly name: 'cached' }
  /** The operation was executed; what it loaded is cached now. */
  | { readonly name: 'executed' }
  /** This release does not execute the operation for this caller, for example because its schema lacks a field. */
  | { readonly name: 'refused'; readonly reason: string }
  /** The execution failed, for example because the database did not answer. */
  | { readonly name: 'failed'; readonly error: unknown }

/** Reason for which an operation whose response is never cached, such as introspection, is not executed. */
export const NEVER_CACHED = 'its response is never cached'
/** Maximum total cost of concurrent replays, as a share of `maxConcurrentCost`. The rest is left for the operations of clients. */
const COST_SHARE = 0.5
const REQUEST_ID = 'warming'

/**
 * Executes recorded operations in the same way as requests: with the same checks, plans, cache keys and loaders. So a request finds the
 * values that a replay cached. The loads of requests come before the loads of replays (see LoadSemaphore).
 */
export class Replay {
  readonly #parts: ReplayParts
  readonly #turns: CostSemaphore

  constructor(parts: ReplayParts) {
    this.#parts = parts
    this.#turns = new CostSemaphore(parts.limits.maxConcurrentCost * COST_SHARE)
  }

  /**
   * Executes the operation, unless its whole response is cached already. Never rejects.
   * @param signal Aborts the replay. A load continues if a request also waits for its value.
   */
  async replay(recorded: RecordedOperation, signal?: AbortSignal): Promise<ReplayOutcome> {
    const operation = this.prepare(recorded)
    if (typeof operation === 'string') return { name: 'refused', reason: operation }
    const isWanted = () => !signal?.aborted
    try {
      const outcome = await this.#turns.run(operation.cost, isWanted, () => this.#execute(operation, signal))
      return outcome ?? { name: 'refused', reason: 'warming was stopped' }
    } catch (error) {
      return { name: 'failed', error }
    }
  }

  /** Returns whether the memory of this process contains the whole response. The operation then needs no replay. */
  isAtHand(recorded: RecordedOperation): boolean {
    const { cache } = this.#parts
    const where = this.placeOf(recorded)
    return where !== undefined && cache.localView(cache.openSession())?.getIfPresent(where.request.key) !== undefined
  }

  /**
   * Returns the key and policy under which the whole response is cached. Returns undefined if the response is not cached as a whole, or if
   * this release does not execute the operation.
   */
  placeOf(recorded: RecordedOperation): CacheableOperation | undefined {
    const operation = this.prepare(recorded)
    return typeof operation === 'string' ? undefined : this.#parts.runner.cacheable(operation)
  }

  /**
   * Returns the operation, prepared and checked as for a request. If this release does not execute the operation, returns the reason as a
   * text.
   */
  prepare({ document: text, operationName, variables, tenant, role, userId, isTrusted }: RecordedOperation): Operation | string {
    const { documents, planner, limits, cache } = this.#parts
    // A response whose scope is not USER does not depend on the user's id.
    const viewer: Principal | null = tenant === null || role === null ? null : { tenant, role, userId: userId ?? '' }
    try {
      const checks = isTrusted ? { ...this.#parts, trusted: NO_TRUSTED_DOCUMENTS } : this.#parts
      checkRequest({ query: text, variables, ...(operationName === undefined ? {} : { operationName }) }, ownerOf(viewer), checks)
      const documentHash = hash('sha256', text)
      const document = documents.find(documentHash)
      const plan = document && planner.plan(document, operationName)
      if (!document || !plan) return 'the document has no such operation'
      if (plan.kind !== 'query') return `expected a query, got a ${plan.kind}`
      if (plan.introspection || plan.isStrict) return NEVER_CACHED
      if (plan.scope === 'USER' && viewer && userId === undefined) return 'its response depends on the user, and no user is recorded'
      const cost = plan.cost(variables, cache.now())
      refuseAbove(limits, 'maxCost', cost, 'values in its answer')
      return { document, documentHash, operationName, variables, viewer, plan, cost }
    } catch (error) {
      if (error instanceof GatewayError || error instanceof InvalidRequestError) return error.message
      throw error
    }
  }

  async #execute(operation: Operation, signal: AbortSignal | undefined): Promise<ReplayOutcome> {
    const { runner, cache } = this.#parts
    const session = cache.openSession(undefined, { isBackground: true })
    const options = { session, requestId: REQUEST_ID, debug: false, directives: NO_DIRECTIVES, signal }
    const where = runner.cacheable(operation)
    if (!where) {
      await runner.run(operation, options)
      return { name: 'executed' }
    }
    const { layer } = await runner.answer(operation, where, options)
    return { name: layer === 'l1' || layer === 'l2' ? 'cached' : 'executed' }
  }
}
