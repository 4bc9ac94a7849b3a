import type { SourceLocation } from 'graphql'
import type { ErrorCode } from '../../../errors.ts'

/** A fault of a document or of its variables, in words for the client. */
export interface RequestProblem {
  readonly message: string
  readonly locations: readonly SourceLocation[] | undefined
}

/** Error for a document that cannot be parsed or is not valid, or for variables that contain a refused text. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError'
  readonly code: Extract<ErrorCode, 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED' | 'BAD_USER_INPUT'>
  readonly problems: readonly RequestProblem[]

  constructor(code: InvalidRequestError['code'], problems: readonly RequestProblem[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.code = code
    this.problems = problems
  }
}
