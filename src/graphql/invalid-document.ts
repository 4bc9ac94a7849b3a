import type { SourceLocation } from 'graphql'

/** What is wrong with a document, as a client is told it. */
export interface DocumentProblem {
  readonly message: string
  readonly locations: readonly SourceLocation[] | undefined
}

/** A document that is not valid. */
export class InvalidDocumentError extends Error {
  override readonly name = 'InvalidDocumentError'
  readonly code = 'GRAPHQL_VALIDATION_FAILED'
  readonly problems: readonly DocumentProblem[]

  constructor(problems: readonly DocumentProblem[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.problems = problems
  }
}
