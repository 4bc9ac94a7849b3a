import { GraphQLError, Kind, type ValidationRule } from 'graphql'
import { unstorablePart } from '../../../contract/text-input.ts'
import { InvalidRequestError } from '../invalid-request.ts'

/**
 * Checks that PostgreSQL can store every string in the variables. The declared type of a variable does not matter. Strings that the
 * operation does not use are checked, too.
 * @param variables Variables whose size was already checked.
 * @throws InvalidRequestError for a string that cannot be stored.
 */
export function checkVariableTexts(variables: Readonly<Record<string, unknown>> | undefined): void {
  for (const [name, value] of Object.entries(variables ?? {})) checkTexts(value, name)
}

function checkTexts(value: unknown, path: string): void {
  if (typeof value === 'string') {
    const problem = unstorablePart(value)
    if (problem !== undefined)
      throw new InvalidRequestError('BAD_USER_INPUT', [{ message: `Variable "$${path}" holds ${problem}`, locations: undefined }])
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (const [index, item] of value.entries()) checkTexts(item, `${path}[${index}]`)
  else for (const [name, member] of Object.entries(value)) checkTexts(member, `${path}.${name}`)
}

/** Validation rule that checks the string literals of a document in the same way as the strings in variables. */
export const textRule: ValidationRule = (context) => ({
  [Kind.STRING](node) {
    const problem = unstorablePart(node.value)
    if (problem !== undefined) context.reportError(new GraphQLError(`A text of the document holds ${problem}`, { nodes: [node] }))
  },
})
