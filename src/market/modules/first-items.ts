import { GatewayError } from '../../errors.ts'

/**
 * Returns a part of a list that has no cursors, because it is part of a document.
 * @param first Number of items, from 0 to `max`.
 * @param skip Number of items to leave out at the start, from 0 to `max`.
 * @throws GatewayError BAD_USER_INPUT
 */
export function firstItems<Item>(items: readonly Item[], max: number, first: number, skip = 0): readonly Item[] {
  for (const [name, value] of Object.entries({ first, skip }))
    if (value < 0 || value > max) throw new GatewayError('BAD_USER_INPUT', `Expected \`${name}\` from 0 to ${max}, got ${value}.`)
  return items.slice(skip, skip + first)
}
