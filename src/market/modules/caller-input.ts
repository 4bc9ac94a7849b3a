import { type UserError, userError } from '../../gateway/contract/user-error.ts'
import { containsNumber, givenHash, numberHash } from '../rules/caller.ts'

/** Message for a text that names no caller. It does not repeat the text, which may be a mistyped number. */
export const NO_CALLER = 'Expected a number such as +12125550123, or its SHA-256 as 64 hexadecimal digits.'

/** Returns the SHA-256 of the caller that a client names by the number or by this hash; undefined if the text is neither. */
export function callerOf(text: string): string | undefined {
  return givenHash(text) ?? numberHash(text)
}

/** Returns an error if a text that will be stored contains the number by which a client names the caller. */
export function numberErrors(caller: string, text: string, path: readonly string[]): UserError[] {
  if (!containsNumber(text, caller)) return []
  return [
    userError('INVALID', 'Expected a text without the number of the caller, because it is stored as it is: leave the number out.', path),
  ]
}
