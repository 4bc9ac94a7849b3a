import { type ExecutionResult, GraphQLError } from 'graphql'
import { GatewayError } from '../../errors.ts'

/** Errors that one answer tells of. An error takes as long to format as a hundred values. */
export const MAX_ERRORS = 500

/** Leaves out the errors of an answer beyond the first ones, and says so in their place. */
export function withFewErrors(result: ExecutionResult): ExecutionResult {
  const { errors = [] } = result
  if (errors.length <= MAX_ERRORS) return result
  const message = `${errors.length - MAX_ERRORS} more fields failed: their errors are left out. Ask for less at once.`
  const last = new GraphQLError(message, { originalError: new GatewayError('BAD_USER_INPUT', message) })
  return { ...result, errors: [...errors.slice(0, MAX_ERRORS), last] }
}
