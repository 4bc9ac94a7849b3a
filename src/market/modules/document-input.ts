import { type UserError, userError } from '../../gateway/contract/user-error.ts'
import type { Parsed } from '../rules/document.ts'

/**
 * Returns the errors of a document that a client gave as input, each with the path to the wrong part.
 * @param path Path of the document, from `input` on.
 */
export function documentErrors(parsed: Parsed<unknown>, path: readonly string[]): UserError[] {
  return 'problems' in parsed ? parsed.problems.map((problem) => userError('INVALID', problem.message, [...path, ...problem.path])) : []
}

/** Returns a document whose errors were returned before. */
export function checkedDocument<Value>(parsed: Parsed<Value>): Value {
  if ('value' in parsed) return parsed.value
  throw new Error('The errors of a document must be returned before the document is stored.')
}
