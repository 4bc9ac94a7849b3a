export type UserErrorCode = 'INVALID' | 'NOT_FOUND' | 'CONFLICT' | 'NAME_TAKEN' | 'INVALID_STATE' | 'NOT_ROUTED' | 'CAP_EXCEEDED'

/** Error in the payload of a mutation: the request was valid, but the mutation cannot be carried out. */
export interface UserError {
  readonly code: UserErrorCode
  readonly message: string
  readonly field: readonly string[]
}

/** Creates an error. @param field The path to the wrong input, from `input` on; empty if no single input is wrong. */
export function userError(code: UserErrorCode, message: string, field: readonly string[]): UserError {
  return { code, message, field }
}

/** Returns the error NOT_FOUND for a row that the tenant does not have. @param noun The type in lower case, such as `campaign`. */
export function notFound(noun: string, field: readonly string[]): UserError {
  return userError('NOT_FOUND', `There is no such ${noun}.`, field)
}
