import { type ExecutionResult, GraphQLError } from 'graphql'
import { GatewayError } from '../../../../errors.ts'

/** Maximum number of errors in one response. Formatting one error takes as long as formatting a hundred values. */
export const MAX_ERRORS = 500

/** Limits the number of errors in a response. If errors are left out, one additional error says how many. */
export function withFewErrors(result: ExecutionResult): ExecutionResult {
  const { errors = [] } = result
  if (errors.length <= MAX_ERRORS) return result
  const message = `${errors.length - MAX_ERRORS} more fields failed: their errors are left out. Request less in one operation.`
  const last = new GraphQLError(message, { originalError: new GatewayError('BAD_USER_INPUT', message) })
  return { ...result, errors: [...errors.slice(0, MAX_ERRORS), last] }
}
