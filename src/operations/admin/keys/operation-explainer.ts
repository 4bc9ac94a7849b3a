import type { Cache } from '../../../engine/cache/cache.ts'
import type { GatewayGraphQL } from '../../../gateway/graphql/endpoint/create-graphql.ts'
import { NO_DIRECTIVES } from '../../../gateway/graphql/execution/request-directives.ts'
import type { RecordedOperation } from '../../../gateway/warming/recorded-operation.ts'
import { NEVER_CACHED, Replay } from '../../../gateway/warming/replay.ts'
import type { Explanation } from '../contract.ts'
import { RequestProblem } from '../request-problem.ts'
import { executionSentence, oldestSentence, wholeSentence } from './answer-sentences.ts'
import type { KeyInspector } from './key-inspector.ts'
import { pathText, subjectOf } from './part-names.ts'
import { partSentence } from './part-sentences.ts'

export interface OperationExplainerOptions {
  readonly execution: GatewayGraphQL['execution']
  readonly cache: Pick<Cache, 'openSession' | 'now'>
  readonly inspector: Pick<KeyInspector, 'describe' | 'lastWrite'>
  readonly stalenessBoundMs: number
}

const REQUEST_ID = 'explain'
const MAX_PARTS = 200
const MAX_TAGS = 20

/** Explains from where each cached part of an answer comes. */
export class OperationExplainer {
  readonly #options: OperationExplainerOptions
  readonly #replay: Replay

  constructor(options: OperationExplainerOptions) {
    this.#options = options
    this.#replay = new Replay(options.execution)
  }

  /**
   * Executes the operation as its caller, and returns where each part came from, without any value of the answer. Parts that are not cached
   * are loaded, and then cached. The whole answer is not stored.
   * @throws RequestProblem BAD_USER_INPUT for an operation that the gateway would not execute for this caller.
   */
  async explain(recorded: RecordedOperation): Promise<Explanation> {
    const { execution, cache, inspector, stalenessBoundMs } = this.#options
    const operation = this.#replay.prepare(recorded)
    if (operation === NEVER_CACHED)
      return {
        answer: null,
        parts: [],
        partCount: 0,
        notCachedBecause: NEVER_CACHED,
        sentence: 'This operation is never cached: each request executes it.',
        wholeAnswer: null,
        execution: 'It was not executed to explain it.',
      }
    if (typeof operation === 'string') throw new RequestProblem('BAD_USER_INPUT', 'operation', operation)
    const where = execution.runner.cacheable(operation)
    const answer = where ? await inspector.describe(where.request, where.policy) : null
    const session = cache.openSession(undefined, { isBackground: true })
    const options = { session, requestId: REQUEST_ID, debug: true, directives: NO_DIRECTIVES, signal: undefined }
    const { trace } = await execution.runner.run(operation, options)
    const reads = trace.reads ?? []
    const facts = { now: cache.now(), stalenessBoundMs }
    const notCachedBecause = trace.uncacheableReason ?? (where ? null : 'the operation has a part without a cache policy')
    return {
      answer,
      partCount: reads.length,
      parts: reads.slice(0, MAX_PARTS).map((read) => {
        const { path, policy, layer, ageMs, ttlMs, reason, tags } = read
        const lastWrite = inspector.lastWrite(tags)
        return {
          path: pathText(path),
          subject: subjectOf(policy, tags),
          policy,
          layer,
          ageMs,
          ttlMs,
          reason: reason ?? null,
          because: partSentence(read, lastWrite, facts),
          tags: tags.slice(0, MAX_TAGS),
          lastWrite,
        }
      }),
      notCachedBecause,
      sentence: oldestSentence(reads, facts.now),
      wholeAnswer: wholeSentence(answer, notCachedBecause),
      execution: executionSentence(reads),
    }
  }
}
