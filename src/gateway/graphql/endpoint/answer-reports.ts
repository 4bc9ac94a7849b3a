import type { Env } from '../../../engine/cache/model/env.ts'
import type { CacheableOperation } from '../../responses/response-tier.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { AnswerCounter, AnswersAtHand } from './answer-counter.ts'
import type { AnswerAtHand, GraphQLHttpResponse } from './endpoint.ts'
import { operationFacts } from './operation-facts.ts'
import type { RequestState, TierAnswer, Verdict } from './request-state.ts'
import type { OperationEvent } from './response-plugin.ts'
import { tierLayer, tierVerdict } from './tier-answer.ts'

export interface AnswerReportsOptions {
  readonly env: Env
  readonly onOperation: (event: OperationEvent) => void
  /** Creates the counter of an operation whose responses come from the memory of this process. */
  readonly counterOf: (answers: AnswersAtHand) => AnswerCounter
}

/** Verdict on a request that Apollo Server refused before its pipeline began. */
const NOT_STARTED: Verdict = { cache: 'BYPASS', layer: 'refused', errorCodes: [] }

/** Reports each answer once, whatever path it took. */
export class AnswerReports {
  readonly #options: AnswerReportsOptions

  constructor(options: AnswerReportsOptions) {
    this.#options = options
  }

  /** Creates the counter for the responses of an operation that will come from the memory of this process. */
  counterOf({ operationName, plan, viewer }: Operation, { policy }: CacheableOperation): AnswerCounter {
    return this.#options.counterOf({ operationName, operationHash: plan.id, tenant: viewer?.tenant, policy: policy.name })
  }

  /** Counts a response that was sent before anything was parsed. It must cost next to nothing. */
  atHand({ known, response, costMs }: AnswerAtHand, status: number, durationMs: number): void {
    known.counter.count(status, durationMs, costMs, status === 304 ? 0 : response.bytes.byteLength)
  }

  /** Reports a response from the response tier. */
  fromTier(state: RequestState, answered: TierAnswer, bytes: number): void {
    const cache = tierVerdict(answered)
    state.step?.end(operationFacts(state, cache, []))
    this.#report(state, { cache, layer: tierLayer(answered), errorCodes: [] }, bytes, answered.savedMs)
  }

  /**
   * Reports a response of Apollo Server, unless the response tier has the response. The response tier's responses are reported when they are
   * sent.
   */
  executed(state: RequestState, response: GraphQLHttpResponse): GraphQLHttpResponse {
    const bytes = response.body instanceof Uint8Array ? response.body.byteLength : 0
    if (!state.answer) this.#report(state, state.verdict ?? NOT_STARTED, bytes, 0)
    return response
  }

  /** Reports a request that was refused before Apollo Server got it. */
  refused(state: RequestState, code: string): void {
    state.step?.end(operationFacts(state, 'BYPASS', [code]))
    this.#report(state, { cache: 'BYPASS', layer: 'refused', errorCodes: [code] }, 0, 0)
  }

  #report({ operation, runOptions, startedAt, viewer }: RequestState, verdict: Verdict, bytes: number, savedMs: number): void {
    const { env, onOperation } = this.#options
    onOperation({
      requestId: runOptions.requestId,
      operationName: operation?.operationName ?? null,
      operationHash: operation?.plan.id,
      kind: operation?.plan.kind ?? 'unknown',
      policyNames: operation?.plan.policyNames,
      tenant: viewer?.tenant,
      ...verdict,
      savedMs,
      bytes,
      durationMs: env.monotonic() - startedAt,
    })
  }
}
