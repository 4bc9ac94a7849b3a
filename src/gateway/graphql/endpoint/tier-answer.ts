import { hitHeaders } from '../../responses/stored-response.ts'
import { type CacheVerdict, cacheStatusHeaders, verdictOf } from '../answers/cache-status.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { OperationRunner } from '../execution/operation-runner.ts'
import type { AnswerLayer } from './answer-layer.ts'
import type { RequestState, TierAnswer } from './request-state.ts'

/**
 * Answers the operation from the response tier. Returns false if Apollo Server must produce the response instead. This happens in three
 * cases: the response is not cached as a whole, the result of the execution must not be stored, or the execution failed. `state.stage`
 * tells which case applies.
 * @param where Key and policy of the response. Default: what the operation requires.
 */
export async function answerFromTier(
  state: RequestState,
  operation: Operation,
  runner: OperationRunner,
  where = runner.cacheable(operation),
): Promise<boolean> {
  if (!where) return false
  try {
    const answered = await runner.answer(operation, where, state.runOptions)
    if ('isShareable' in answered.answer) {
      state.executed(operation, answered.answer.result)
      return false
    }
    state.answered(operation, { ...answered, answer: answered.answer, where })
    return true
  } catch (error) {
    state.failed(operation, error)
    return false
  }
}

/** Returns the value of `X-Cache` for a response from the response tier. */
export function tierVerdict({ layer, trace, fromCopies }: TierAnswer): CacheVerdict {
  if (layer === 'l1' || layer === 'l2' || fromCopies) return 'HIT'
  if (layer === 'stale') return 'STALE'
  return trace ? verdictOf(trace, false) : 'MISS'
}

/** Returns the layer of a response from the response tier, for telemetry. */
export function tierLayer({ layer, trace, fromCopies }: TierAnswer): AnswerLayer {
  if (fromCopies) return 'parts'
  return layer === 'origin' && trace ? executedLayer(verdictOf(trace, false)) : layer
}

/** Returns the layer of a response that was made by an execution, for telemetry. */
export function executedLayer(verdict: CacheVerdict): AnswerLayer {
  if (verdict === 'HIT') return 'parts'
  if (verdict === 'STALE') return 'stale'
  return verdict === 'MISS' ? 'origin' : 'bypassed'
}

/** Returns the headers of a response from the response tier as a list, in which names and values alternate. */
export function tierHeaders({ answer, layer, trace, fromCopies }: TierAnswer, now: number): readonly string[] {
  if (layer === 'l1' || layer === 'l2') return hitHeaders(answer, now, layer === 'l1' ? 'L1' : 'L2')
  if (layer === 'stale') {
    const vary = answer.head.headers[answer.head.headers.indexOf('vary') + 1] ?? '*'
    return ['cache-control', 'no-store', 'vary', vary, 'cache-status', 'tidegate; hit; ttl=0; detail=stale', 'x-cache', 'STALE']
  }
  if (fromCopies) return [...answer.head.headers, 'cache-status', 'tidegate; hit; detail=collapsed', 'x-cache', 'HIT']
  if (!trace) return [...answer.head.headers, 'cache-status', 'tidegate; fwd=miss; collapsed', 'x-cache', 'MISS']
  return [...answer.head.headers, ...[...cacheStatusHeaders(trace, false)].flat()]
}
