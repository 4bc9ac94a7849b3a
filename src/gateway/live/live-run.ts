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

export interface LiveRunOptions extends LiveRunParts {
  readonly requestId: string
  /** Cache key of the callers who share the result; undefined if the result is for the operation's caller alone. */
  readonly sharedKey: string | undefined
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
  /** Whether no other caller may get this result, although several callers were to share it. */
  readonly isPersonal: boolean
  /** Whether the same operation may soon have another result without a write, because the server failed. */
  readonly isTemporary: boolean
  /** Whether every further execution would fail in the same way. */
  readonly isFinal: boolean
}

const ENCODER = new TextEncoder()
/** Codes of errors that an operation gets each time, because of the operation itself or of its caller's rights. */
export const REPEATING: ReadonlySet<unknown> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'LIMIT_EXCEEDED',
  'OPERATION_RESOLUTION_FAILURE',
  'UNAUTHENTICATED',
])

/**
 * Executes a live query: through the tier of whole responses, if its response is cached as a whole. An error of the execution is part of the
 * result.
 */
export async function runLive(operation: Operation, session: Session, live: LiveRunOptions): Promise<LiveRun> {
  const { runner, requestId, sharedKey } = live
  const options = { session, requestId, debug: false, directives: NO_DIRECTIVES, signal: undefined }
  const where = runner.cacheable(operation)
  // Another request may have found out meanwhile that the response depends on its caller. The operation then has no shared key any more.
  const isPersonal = sharedKey !== undefined && where?.request.key.text !== sharedKey
  try {
    if (!where) return ofRun(await runner.run(operation, options), isPersonal, live)
    const answered = await runner.answer(operation, where, options)
    const { answer, layer } = answered
    if (answer instanceof Unstored) return ofRun(answer.result, isPersonal || !answer.isShareable, live)
    const stale = layer === 'stale' ? stalenessOf(answered) : undefined
    const { tags, until } = answered.parts
    return { body: answer.bytes, tags, until, stale, isPersonal, isTemporary: false, isFinal: false }
  } catch (error) {
    const formatted = live.formatError(error, requestId)
    return { ...failedRun(formatted), isPersonal, isTemporary: canRetry(formatted), isFinal: isRepeating(formatted) }
  }
}

/** Returns a result that has only an error, and ends the streams that get it. */
function failedRun(error: GraphQLFormattedError): LiveRun {
  const body = ENCODER.encode(JSON.stringify({ errors: [error] }))
  const always = { tags: 'any', until: Number.POSITIVE_INFINITY, stale: undefined } as const
  return { ...always, body, isPersonal: false, isTemporary: false, isFinal: true }
}

function ofRun({ result, trace }: Run, isPersonal: boolean, { formatError, requestId }: LiveRunOptions): LiveRun {
  const errors = withFewErrors(result).errors?.map((error) => formatError(error, requestId))
  return {
    body: ENCODER.encode(JSON.stringify({ ...(errors ? { errors } : {}), ...(result.data === undefined ? {} : { data: result.data }) })),
    // A value that was read past the cache has no tags, and neither has one that could not be loaded.
    tags: errors === undefined && trace.uncacheableReason === undefined && trace.misses + trace.hits > 0 ? [...trace.tags] : 'any',
    until: trace.until,
    stale: trace.stale,
    isPersonal,
    isTemporary: errors?.some(canRetry) ?? false,
    isFinal: result.data === undefined && (errors?.every(isRepeating) ?? false),
  }
}

function isRepeating({ extensions }: GraphQLFormattedError): boolean {
  return REPEATING.has(extensions?.['code'])
}

function canRetry({ extensions }: GraphQLFormattedError): boolean {
  const code = extensions?.['code']
  // An error whose cause is not known may be a fault of the moment.
  if (code === 'INTERNAL_SERVER_ERROR') return true
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) && errorCodes[code as ErrorCode].canRetry
}
