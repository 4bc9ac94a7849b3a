import { GatewayError } from '../errors.ts'
import { quote } from '../generator/quote.ts'

const STATE = /^[A-Za-z]{2}$/

/** The two capitals of a state; undefined for what cannot be one. No other letter counts: the capital form of ß, too, is two letters. */
export function usState(given: string): string | undefined {
  return STATE.test(given) ? given.toUpperCase() : undefined
}

/**
 * The state that a list is filtered by.
 * @param path The argument as a client wrote it, such as `filter.callerState`.
 * @throws GatewayError BAD_USER_INPUT
 */
export function stateOfFilter(path: string, given: string): string {
  const state = usState(given)
  if (state !== undefined) return state
  throw new GatewayError('BAD_USER_INPUT', `Expected the two letters of a US state such as CA in \`${path}\`, got ${quote(given, 40)}.`)
}
