import { isGlobalId, notGlobalId, rowIdOf } from './global-id.ts'
import { type UserError, userError } from './user-error.ts'

/** A row that a mutation's input names, or why it names none. */
export type InputId = { readonly id: number } | { readonly error: UserError }

/**
 * Reads an id from the input of a mutation: INVALID for a text that is no global id, NOT_FOUND for one that is no row of the type.
 * @param path The path to the input, from `input` on.
 */
export function inputId(type: string, globalId: string, path: readonly string[]): InputId {
  if (!isGlobalId(globalId)) return { error: userError('INVALID', notGlobalId(globalId), path) }
  const id = rowIdOf(type, globalId)
  return id === null ? { error: userError('NOT_FOUND', `There is no such ${type.toLowerCase()}.`, path) } : { id }
}
