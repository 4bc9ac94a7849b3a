import { GatewayError } from '../../errors.ts'

/**
 * Refuses a list argument that is longer than any client needs, because the cost of all later steps grows with its length.
 * @param path The argument as a client wrote it, such as `filter.tlds`.
 * @throws GatewayError BAD_USER_INPUT
 */
export function checkMaxItems(path: string, items: readonly unknown[] | null | undefined, maxItems: number): void {
  if (items && items.length > maxItems)
    throw new GatewayError('BAD_USER_INPUT', `Expected at most ${maxItems} items in \`${path}\`, got ${items.length}: leave some out.`)
}
