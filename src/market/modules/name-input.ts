import { readText, type TextRule } from '../../gateway/contract/text-input.ts'
import { type UserError, userError } from '../../gateway/contract/user-error.ts'

const NAME: TextRule = { what: 'a name', minLength: 1, maxLength: 120 }

/** Returns the errors of a name that a client gave as input. Undefined and null leave the stored name unchanged. */
export function nameErrors(name: string | null | undefined): UserError[] {
  const read = name == null ? undefined : readText(name, NAME)
  return read && 'problem' in read ? [userError('INVALID', read.problem, ['input', 'name'])] : []
}
