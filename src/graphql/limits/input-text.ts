import { GraphQLError, Kind, type ValidationRule } from 'graphql'
import { InvalidRequestError } from '../invalid-request.ts'

/** What no text may hold: PostgreSQL cannot store U+0000, and half of a surrogate pair is not Unicode. */
function problemOf(text: string): string | undefined {
  if (text.includes('\0')) return 'the character U+0000: leave it out.'
  return text.isWellFormed() ? undefined : 'half a character (a lone surrogate): send well-formed Unicode.'
}

/**
 * Checks every text of the variables, whatever type the operation declares and whether or not it uses them.
 * @param variables Within the limits of their size.
 * @throws InvalidRequestError
 */
export function checkVariableTexts(variables: Readonly<Record<string, unknown>> | undefined): void {
  for (const [name, value] of Object.entries(variables ?? {})) checkTexts(value, name)
}

function checkTexts(value: unknown, path: string): void {
  if (typeof value === 'string') {
    const problem = problemOf(value)
    if (problem !== undefined)
      throw new InvalidRequestError('BAD_USER_INPUT', [{ message: `Variable "$${path}" holds ${problem}`, locations: undefined }])
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (const [index, item] of value.entries()) checkTexts(item, `${path}[${index}]`)
  else for (const [name, member] of Object.entries(value)) checkTexts(member, `${path}.${name}`)
}

/** The same for the texts that a document itself holds. */
export const textRule: ValidationRule = (context) => ({
  [Kind.STRING](node) {
    const problem = problemOf(node.value)
    if (problem !== undefined) context.reportError(new GraphQLError(`A text of the document holds ${problem}`, { nodes: [node] }))
  },
})
