import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { InvalidRequestError } from '../../src/graphql/invalid-request.ts'
import { checkDocumentShape } from '../../src/graphql/limits/document-shape.ts'

const { limits } = readConfig({})
const check = (text: string) => checkDocumentShape(parse(text), limits)
const times = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index)).join(' ')

describe('the check of a document before its validation', () => {
  it.each([
    ['a fragment within itself', '{ ...A } fragment A on Query { ...A }', 'Cannot spread fragment "A" within itself.'],
    [
      'two fragments within each other',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'Cannot spread fragment "A" within itself via "B".',
    ],
    [
      'a fragment within itself by a field and an inline fragment',
      '{ ...A } fragment A on Query { node(id: 1) { ... on User { ...B } } } fragment B on User { ... { ...A } }',
      'Cannot spread fragment "A" within itself via "B".',
    ],
  ])('refuses %s as validation does', (_, text, message) => {
    expect(() => check(text)).toThrow(InvalidRequestError)
    expect(() => check(text)).toThrow(message)
  })

  it.each([
    ['a spread', (target: string) => `...${target}`],
    ['a spread below a field', (target: string) => `viewer { ...${target} }`],
  ])('refuses at once 60 fragments that each lead back to all before them by %s', (_, spread) => {
    const fragments = times(
      60,
      (index) => `fragment f${index} on Query { ${spread(`f${Math.min(index + 1, 59)}`)} ${times(index, (other) => spread(`f${other}`))} }`,
    )
    expect(() => check(`{ ...f0 } ${fragments}`)).toThrow(InvalidRequestError)
  })

  it('accepts a fragment that is spread at several places, and one that does not exist', () => {
    expect(() =>
      check('{ ...A ...B } fragment A on Query { ...B ...C } fragment B on Query { ...C ...Nothing } fragment C on Query { __typename }'),
    ).not.toThrow()
  })
})
