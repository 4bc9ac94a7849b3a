import { expect, it } from 'vitest'
import { isKnown } from '../../src/http/entity-tag.ts'

it.each<[string | undefined, boolean]>([
  ['"tag"', true],
  ['W/"tag"', true],
  ['"another", "tag"', true],
  ['*', true],
  ['"another"', false],
  ['', false],
  [undefined, false],
])('an entity tag is known to a client that says %j: %s', (header, known) => {
  expect(isKnown(header, '"tag"')).toBe(known)
})
