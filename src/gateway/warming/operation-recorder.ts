import { hash } from 'node:crypto'
import type { Cache } from '../../engine/cache/cache.ts'
import { HotSet } from '../../engine/cache/memory/hot-set.ts'
import { Sampler } from '../../engine/cache/memory/sampler.ts'
import type { Env } from '../../engine/cache/model/env.ts'
import { canonicalJson, type Json } from '../../engine/cache/model/key.ts'
import type { DocumentPlanner } from '../graphql/document/document-plan.ts'
import type { DocumentStore } from '../graphql/document/document-store.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import type { KnownOperation } from '../graphql/endpoint/endpoint.ts'
import type { OperationUsage } from '../graphql/endpoint/operation-usage.ts'
import { jsonBytes } from '../responses/json-bytes.ts'
import type { CacheableOperation } from '../responses/response-tier.ts'
import type { RecordedOperation } from './recorded-operation.ts'

/** A recorded operation and the time that warming it would save. */
export interface HotOperation {
  readonly operation: RecordedOperation
  /** Recent uses multiplied by the duration of the execution, ms. */
  readonly savedMs: number
}

export interface OperationRecorderOptions {
  readonly cache: Pick<Cache, 'costMs'>
  readonly env: Pick<Env, 'monotonic' | 'random'>
  readonly maxOperations: number
}

type Used = Pick<Operation, 'documentHash' | 'operationName' | 'variables' | 'viewer'>

const HALF_LIFE_MS = 600_000
/** Minimum saved time of a recorded use, ms. It replaces the duration of the execution if this duration is shorter or unknown. */
const MIN_COST_MS = 0.05
/** Maximum estimated memory of the variables of an operation, bytes. An operation with larger variables is not recorded. */
const MAX_VARIABLES_BYTES = 4096

/**
 * Records the operations whose caching saves the most time. The saved time is the number of uses multiplied by the duration of the
 * execution. If callers share a response, their uses are added up. Of the hits in memory, only a sample is recorded. The number of recorded
 * operations is limited.
 */
export class OperationRecorder implements OperationUsage {
  readonly #cache: Pick<Cache, 'costMs'>
  readonly #sampler: Sampler
  readonly #used: HotSet<Used>

  constructor({ cache, env, maxOperations }: OperationRecorderOptions) {
    this.#cache = cache
    this.#sampler = new Sampler(env)
    this.#used = new HotSet({ maxKeys: maxOperations, halfLifeMs: HALF_LIFE_MS, monotonic: () => env.monotonic() })
  }

  /** Number of uses that were recorded so far. */
  get uses(): number {
    return this.#used.additions
  }

  hit(known: KnownOperation): void {
    const uses = this.#sampler.weight()
    if (uses > 0) this.#add(known.where.request.key.text, known, uses * (this.#cache.costMs(known.where.request.key) ?? 0))
  }

  answered(operation: Operation, where: CacheableOperation | undefined, durationMs: number): void {
    const { kind, introspection, isStrict } = operation.plan
    if (kind !== 'query' || introspection || isStrict) return
    const key = where ? where.request.key.text : keyOf(operation)
    if (key !== undefined) this.#add(key, operation, (where && this.#cache.costMs(where.request.key)) ?? durationMs)
  }

  /** Returns the hottest operations, hottest first. An operation whose document is no longer stored is left out. */
  hottest({ documents, planner }: { readonly documents: DocumentStore; readonly planner: DocumentPlanner }): readonly HotOperation[] {
    return this.#used.hottest().flatMap(({ value: { documentHash, operationName, variables, viewer }, weight }) => {
      const document = documents.find(documentHash)
      const text = document?.loc?.source.body
      const plan = document && planner.plan(document, operationName)
      if (text === undefined || !plan) return []
      const { tenant = null, role = null, userId } = viewer ?? {}
      const user = plan.scope === 'USER' && userId !== undefined ? { userId } : {}
      return [{ operation: { document: text, operationName, variables, tenant, role, ...user }, savedMs: weight }]
    })
  }

  #add(key: string, { documentHash, operationName, variables, viewer }: Used, savedMs: number): void {
    this.#used.add(key, Math.max(MIN_COST_MS, savedMs), () =>
      jsonBytes(variables) > MAX_VARIABLES_BYTES ? undefined : { documentHash, operationName, variables, viewer },
    )
  }
}

/** Returns a key for an operation whose response is not cached as a whole; undefined if its variables cannot be compared. */
function keyOf({ documentHash, operationName, variables, viewer }: Operation): string | undefined {
  const caller = viewer && [viewer.tenant, viewer.role, viewer.userId]
  try {
    return hash('sha256', canonicalJson([documentHash, operationName ?? null, variables as Json, caller]), 'base64url')
  } catch {
    return undefined
  }
}
