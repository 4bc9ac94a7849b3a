import { GatewayError } from '../../errors.ts'
import { quote } from '../../gateway/contract/quote.ts'

const STATE = /^[A-Za-z]{2}$/

/**
 * Returns the two letters of a US state in upper case, or undefined for a text that cannot be a state. Only ASCII letters are accepted,
 * because the upper case of some other letters is longer. For example, the upper case of ß is SS.
 */
export function usState(given: string): string | undefined {
  return STATE.test(given) ? given.toUpperCase() : undefined
}

/**
 * Returns the US state by which a list is filtered, in upper case.
 * @param path Path of the argument as a client writes it, such as `filter.callerState`.
 * @throws GatewayError BAD_USER_INPUT
 */
export function stateOfFilter(path: string, given: string): string {
  const state = usState(given)
  if (state !== undefined) return state
  throw new GatewayError('BAD_USER_INPUT', `Expected the two letters of a US state such as CA in \`${path}\`, got ${quote(given, 40)}.`)
}
