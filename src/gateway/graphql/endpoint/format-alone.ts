import { type ASTNode, GraphQLError, type GraphQLFormattedError, Kind, type SourceLocation } from 'graphql'
import { disclose, errorFormatter } from '../document/error-format.ts'
import type { HiddenError } from './response-plugin.ts'

export interface FormatAloneOptions {
  readonly isUnavailable: (error: unknown) => boolean
  readonly locationsOf: (nodes: readonly ASTNode[] | undefined) => readonly SourceLocation[] | undefined
  readonly hideSuggestions: boolean
  readonly onHiddenError: (event: HiddenError) => void
}

/** Formats an error as a client may see it. A masked error is reported to operators with the id of the request. */
export type FormatAlone = (error: unknown, requestId: string) => GraphQLFormattedError

/** Returns the function that formats the errors of operations which are executed without Apollo Server. */
export function createFormatAlone({ isUnavailable, locationsOf, hideSuggestions, onHiddenError }: FormatAloneOptions): FormatAlone {
  const format = errorFormatter(isUnavailable, locationsOf, hideSuggestions)
  return (given, requestId) => {
    const error = withCode(given)
    const { masked, code } = disclose(error, isUnavailable)
    const isGraphQL = error instanceof GraphQLError
    if (masked)
      onHiddenError({
        requestId,
        error: (isGraphQL ? error.originalError : undefined) ?? error,
        code,
        path: isGraphQL ? error.path : undefined,
      })
    const formatted = format(isGraphQL ? error.toJSON() : { message: '' }, error)
    return masked ? { ...formatted, extensions: { ...formatted.extensions, requestId } } : formatted
  }
}

/** Returns an error about a variable with the code that Apollo Server gives it, and any other error unchanged. */
function withCode(error: unknown): unknown {
  const isAboutVariable = error instanceof GraphQLError && error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION
  if (!isAboutVariable || error.extensions['code'] !== undefined) return error
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: 'BAD_USER_INPUT' } })
}
