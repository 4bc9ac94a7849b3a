import { expect, it } from 'vitest'
import { isKnown } from '#src/gateway/http/entity-tag.ts'

it.each<[string | undefined, boolean]>([
  ['"tag"', true],
  ['W/"tag"', true],
  ['"another", "tag"', true],
  ['*', true],
  ['"another"', false],
  ['', false],
  [undefined, false],
])('A client that sends If-None-Match with %j already has the response: %s.', (header, known) => {
  expect(isKnown(header, '"tag"')).toBe(known)
})
