import type { GraphQLFormattedError } from 'graphql'
import type { Session } from '../../engine/cache/model/session.ts'
import { type ErrorCode, errorCodes } from '../../errors.ts'
import { type Staleness, stalenessOf } from '../graphql/answers/staleness.ts'
import { withFewErrors } from '../graphql/document/limits/error-count.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import type { OperationRunner, Run } from '../graphql/execution/operation-runner.ts'
import { NO_DIRECTIVES } from '../graphql/execution/request-directives.ts'
import { Unstored } from '../responses/response-tier.ts'

export interface LiveRunParts {
  readonly runner: Pick<OperationRunner, 'cacheable' | 'answer' | 'run'>
  /** Returns an error as clients may see it. */
  readonly formatError: (error: unknown, requestId: string) => GraphQLFormattedError
}

/** Result of one execution of a live query. */
export interface LiveRun {
  /** The result as JSON in UTF-8, without extensions. */
  readonly body: Uint8Array
  /** Tags of all values in the result; `any` if not all of its values have tags. */
  readonly tags: readonly string[] | 'any'
  /** Earliest time at which one of the values changes without a write, Unix epoch ms; Infinity if none does. */
  readonly until: number
  readonly stale: Staleness | undefined
  /** Whether no other caller may get this result, although the operation allowed for that. */
  readonly isPersonal: boolean
  /** Whether the same operation may soon have another result without a write, because a server failed. */
  readonly isTemporary: boolean
  /** Whether every further execution would fail in the same way. */
  readonly isFinal: boolean
}

const ENCODER = new TextEncoder()

/** Executes a live query: through the tier of whole responses, if its response is cached as a whole. Never rejects. */
export async function runLive(operation: Operation, session: Session, requestId: string, parts: LiveRunParts): Promise<LiveRun> {
  const { runner } = parts
  const options = { session, requestId, debug: false, directives: NO_DIRECTIVES, signal: undefined }
  try {
    const where = runner.cacheable(operation)
    if (!where) return ofRun(await runner.run(operation, options), false, requestId, parts)
    const answered = await runner.answer(operation, where, options)
    const { answer, layer } = answered
    if (answer instanceof Unstored) return ofRun(answer.result, !answer.isShareable, requestId, parts)
    const stale = layer === 'stale' ? stalenessOf(answered) : undefined
    const { tags, until } = answered.parts
    return { body: answer.bytes, tags, until, stale, isPersonal: false, isTemporary: stale !== undefined, isFinal: false }
  } catch (error) {
    const formatted = parts.formatError(error, requestId)
    const isTemporary = canRetry(formatted)
    const body = ENCODER.encode(JSON.stringify({ errors: [formatted] }))
    const always = { body, until: Number.POSITIVE_INFINITY, stale: undefined, isPersonal: false }
    return { ...always, tags: 'any', isTemporary, isFinal: !isTemporary }
  }
}

function ofRun({ result, trace }: Run, isPersonal: boolean, requestId: string, parts: LiveRunParts): LiveRun {
  const errors = withFewErrors(result).errors?.map((error) => parts.formatError(error, requestId))
  const isTemporary = errors?.some(canRetry) ?? false
  return {
    body: ENCODER.encode(JSON.stringify({ ...(errors ? { errors } : {}), ...(result.data === undefined ? {} : { data: result.data }) })),
    // A value that was read past the cache has no tags, and neither has one that could not be loaded.
    tags: errors === undefined && trace.uncacheableReason === undefined && trace.misses + trace.hits > 0 ? [...trace.tags] : 'any',
    until: trace.until,
    stale: trace.stale,
    isPersonal,
    isTemporary: isTemporary || trace.stale !== undefined,
    isFinal: result.data === undefined && !isTemporary,
  }
}

function canRetry({ extensions }: GraphQLFormattedError): boolean {
  const code = extensions?.['code']
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) && errorCodes[code as ErrorCode].canRetry
}
