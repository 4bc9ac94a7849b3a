export type UserErrorCode = 'INVALID' | 'NOT_FOUND' | 'CONFLICT' | 'NAME_TAKEN' | 'INVALID_STATE' | 'NOT_ROUTED' | 'CAP_EXCEEDED'

/** Part of a mutation's answer: the request was fine, but what it asked for cannot be done. */
export interface UserError {
  readonly code: UserErrorCode
  readonly message: string
  readonly field: readonly string[]
}

/** @param field The path to the input at fault, from `input` on; empty where it is none in particular. */
export function userError(code: UserErrorCode, message: string, field: readonly string[]): UserError {
  return { code, message, field }
}
