import { countCharacters } from '../generator/characters.ts'
import { type UserError, userError } from './user-error.ts'

const MAX_CHARACTERS = 120

/** What is wrong with the name of something; undefined and null leave it as it is. Blanks around a name do not count. */
export function nameErrors(name: string | null | undefined): UserError[] {
  if (name == null) return []
  if (name.includes('\0')) return [userError('INVALID', 'Expected a name without the character U+0000.', ['input', 'name'])]
  const count = countCharacters(name.trim())
  if (count >= 1 && count <= MAX_CHARACTERS) return []
  return [userError('INVALID', `Expected a name of 1 to ${MAX_CHARACTERS} characters, got ${count}.`, ['input', 'name'])]
}
