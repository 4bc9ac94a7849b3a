import type { SourceLocation } from 'graphql'

/** What is wrong with a document or its variables, as a client is told it. */
export interface RequestProblem {
  readonly message: string
  readonly locations: readonly SourceLocation[] | undefined
}

/** A document that cannot be parsed or is not valid, or variables that no operation takes. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError'
  readonly code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED' | 'BAD_USER_INPUT'
  readonly problems: readonly RequestProblem[]

  constructor(code: InvalidRequestError['code'], problems: readonly RequestProblem[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.code = code
    this.problems = problems
  }
}
