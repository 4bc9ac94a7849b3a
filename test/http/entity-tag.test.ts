import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entityTag, isKnown } from '../../src/http/entity-tag.ts'

describe('an entity tag', () => {
  it('is the same for the same bytes and another for others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(entityTag(one)).toMatch(/^"[\w-]{27}"$/)
        expect(entityTag(one) === entityTag(other)).toBe(one === other)
      }),
    )
  })

  it.each<[string | undefined, boolean]>([
    ['TAG', true],
    ['W/TAG', true],
    ['"another", TAG', true],
    ['*', true],
    ['"another"', false],
    ['', false],
    [undefined, false],
  ])('is known to a client that says %j: %s', (header, known) => {
    const tag = entityTag('body')
    expect(isKnown(header?.replace('TAG', tag), tag)).toBe(known)
  })
})
