import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { InvalidRequestError } from '#src/gateway/graphql/document/invalid-request.ts'
import { checkDocumentShape } from '#src/gateway/graphql/document/limits/document-shape.ts'

const { limits } = readConfig({})
const check = (text: string) => checkDocumentShape(parse(text), limits)
const times = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index)).join(' ')

describe('the check for fragment cycles before the validation of a document', () => {
  it.each([
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { ...A }', 'Cannot spread fragment "A" within itself.'],
    [
      'two fragments that spread each other',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'Cannot spread fragment "A" within itself via "B".',
    ],
    [
      'a fragment that spreads itself below a field and an inline fragment',
      '{ ...A } fragment A on Query { node(id: 1) { ... on User { ...B } } } fragment B on User { ... { ...A } }',
      'Cannot spread fragment "A" within itself via "B".',
    ],
  ])('rejects %s with the same message as the validation', (_, text, message) => {
    expect(() => check(text)).toThrow(InvalidRequestError)
    expect(() => check(text)).toThrow(message)
  })

  it.each([
    ['a spread', (target: string) => `...${target}`],
    ['a spread below a field', (target: string) => `viewer { ...${target} }`],
  ])('quickly rejects 60 fragments that each contain all earlier fragments by %s', (_, spread) => {
    const fragments = times(
      60,
      (index) => `fragment f${index} on Query { ${spread(`f${Math.min(index + 1, 59)}`)} ${times(index, (other) => spread(`f${other}`))} }`,
    )
    expect(() => check(`{ ...f0 } ${fragments}`)).toThrow(InvalidRequestError)
  })

  it('accepts a fragment that is spread in several places, and a spread of a fragment that does not exist', () => {
    expect(() =>
      check('{ ...A ...B } fragment A on Query { ...B ...C } fragment B on Query { ...C ...Nothing } fragment C on Query { __typename }'),
    ).not.toThrow()
  })
})
