import { isGlobalId, notGlobalId, rowIdOf } from './global-id.ts'
import { notFound, type UserError, userError } from './user-error.ts'

/** Id of the row that a mutation's input names; or, if the input names no row, the error to return. */
export type InputId = { readonly id: number } | { readonly error: UserError }

/**
 * Reads the id of a row from the input of a mutation. Returns the error INVALID for a text that is no global id, and NOT_FOUND for a global
 * id that cannot be the id of a row of `type`.
 * @param path The path to the input, from `input` on.
 */
export function inputId(type: string, globalId: string, path: readonly string[]): InputId {
  if (!isGlobalId(globalId)) return { error: userError('INVALID', notGlobalId(globalId), path) }
  const id = rowIdOf(type, globalId)
  return id === null ? { error: notFound(type.toLowerCase(), path) } : { id }
}
