import { getIntrospectionQuery, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { checkDocumentShape } from '#src/gateway/graphql/document/limits/document-shape.ts'
import { isStandardIntrospection } from '#src/gateway/graphql/document/limits/standard-introspection.ts'

const { limits } = readConfig({})
const times = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, index) => text(index)).join(' ')
const nested = (levels: number, open: string, inner: string) => `${open.repeat(levels)}${inner}${'}'.repeat(levels)}`

/**
 * Returns fragments that each spread the next fragment twice, which expand to 2 to the power of `length` selections.
 */
const doubling = (length: number) =>
  `{ ...F0 } ${times(length, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${length} on Query { a }`

describe('a document, whose size is checked before it is validated,', () => {
  it.each([
    ['levels of fields', nested(14, '{ a ', '{ a }'), nested(15, '{ a ', '{ a }'), 'MAX_DEPTH', 16],
    ['levels of inline fragments', nested(14, '{ ... ', '{ a }'), nested(15, '{ ... ', '{ a }'), 'MAX_DEPTH', 16],
    ['levels below __schema', '{ __schema { a } }', `{ __schema ${nested(15, '{ a ', '{ a }')} }`, 'MAX_DEPTH', 17],
    [
      'levels of fields through a fragment',
      `{ ...F } fragment F on A ${nested(14, '{ a ', '{ a }')}`,
      `{ ...F } fragment F on A ${nested(15, '{ a ', '{ a }')}`,
      'MAX_DEPTH',
      16,
    ],
    ['aliases', `{ a { ${times(50, (i) => `a${i}: b`)} } }`, `{ a { ${times(51, (i) => `a${i}: b`)} } }`, 'MAX_ALIASES', 51],
    [
      'aliases of `__typename`',
      `{ a { ${times(50, (i) => `a${i}: __typename`)} } }`,
      `{ a { ${times(51, (i) => `a${i}: __typename`)} } }`,
      'MAX_ALIASES',
      51,
    ],
    [
      'aliases within `__schema`',
      `{ __schema { ${times(50, (i) => `a${i}: types { name }`)} } }`,
      `{ __schema { ${times(51, (i) => `a${i}: types { name }`)} } }`,
      'MAX_ALIASES',
      51,
    ],
    [
      'aliases in a fragment, counted at each spread',
      `{ a { ...F } b { ...F } } fragment F on A { ${times(25, (i) => `a${i}: b`)} }`,
      `{ a { ...F } b { ...F } c: b { ...F } } fragment F on A { ${times(17, (i) => `a${i}: b`)} }`,
      'MAX_ALIASES',
      52,
    ],
    ['root fields', `{ ${times(30, (i) => `a${i}`)} }`, `{ ${times(31, (i) => `a${i}`)} }`, 'MAX_ROOT_FIELDS', 31],
    ['root fields in a fragment', '{ a }', `{ ...F } fragment F on Query { ... { ${times(31, (i) => `a${i}`)} } }`, 'MAX_ROOT_FIELDS', 31],
    ['unknown directives', `{ a ${times(50, (i) => `@d${i}`)} }`, `{ a ${times(51, (i) => `@d${i}`)} }`, 'MAX_DIRECTIVES', 51],
    ['directives of an operation', `query ${'@d '.repeat(50)}{ a }`, `query ${'@d '.repeat(51)}{ a }`, 'MAX_DIRECTIVES', 51],
    ['directives of variables', `query ($a: A ${'@d '.repeat(50)}) { a }`, `query ($a: A ${'@d '.repeat(51)}) { a }`, 'MAX_DIRECTIVES', 51],
    ['repeated fields', `{ a { ${'b '.repeat(50)} } }`, `{ a { ${'b '.repeat(51)} } }`, 'MAX_REPEATS', 51],
    [
      'repeated fields in inline fragments',
      `{ a { ${'... { b } '.repeat(50)} } }`,
      `{ a { ${'... { b } '.repeat(51)} } }`,
      'MAX_REPEATS',
      51,
    ],
    ['repeated fields below repeated fields', `{ ${'a { b } '.repeat(25)} }`, `{ ${'a { b b b } '.repeat(17)} }`, 'MAX_REPEATS', 51],
    [
      'repeated fields in unused fragments',
      `{ a } fragment F on A { ${'b '.repeat(50)} }`,
      `{ a } fragment F on A { ${'b '.repeat(51)} }`,
      'MAX_REPEATS',
      51,
    ],
    ['definitions', times(100, (i) => `query Q${i} { a }`), times(101, (i) => `query Q${i} { a }`), 'MAX_DEFINITIONS', 101],
    ['selections after the expansion of fragments', doubling(5), doubling(30), 'MAX_SELECTIONS', 3 * 2 ** 30 - 1],
    ['items of a list literal', `{ a(b: [${'1 '.repeat(2000)}]) }`, `{ a(b: [${'1 '.repeat(2001)}]) }`, 'MAX_LIST_LENGTH', 2001],
    [
      'keys of an object literal',
      `{ a(b: {${times(100, (i) => `k${i}: 1`)}}) }`,
      `{ a(b: {${times(101, (i) => `k${i}: 1`)}}) }`,
      'MAX_OBJECT_KEYS',
      101,
    ],
    ['arguments of a field', `{ a(${times(100, (i) => `k${i}: 1`)}) }`, `{ a(${times(101, (i) => `k${i}: 1`)}) }`, 'MAX_OBJECT_KEYS', 101],
    [
      'levels of a nested literal',
      `{ a(b: ${'['.repeat(20)}${']'.repeat(20)}) }`,
      `{ a(b: ${'['.repeat(21)}${']'.repeat(21)}) }`,
      'MAX_INPUT_DEPTH',
      21,
    ],
    [
      'levels of a nested default value',
      `query ($a: A = ${'['.repeat(20)}${']'.repeat(20)}) { a }`,
      `query ($a: A = ${'['.repeat(21)}${']'.repeat(21)}) { a }`,
      'MAX_INPUT_DEPTH',
      21,
    ],
    [
      'levels of list types in a variable',
      `query ($a: ${'['.repeat(20)}A${']'.repeat(20)}) { a }`,
      `query ($a: ${'['.repeat(21)}A${']'.repeat(21)}) { a }`,
      'MAX_INPUT_DEPTH',
      21,
    ],
    ['the length of a string literal', `{ a(b: "${'x'.repeat(10_000)}") }`, `{ a(b: "${'x'.repeat(10_001)}") }`, 'MAX_TEXT_LENGTH', 10_001],
    ['the length of a string in a directive', '{ a @d(b: "x") }', `{ a @d(b: "${'x'.repeat(10_001)}") }`, 'MAX_TEXT_LENGTH', 10_001],
  ])('is accepted at the limit on %s, and rejected above the limit with an error that states the limit and the value', (_, accepted, refused, setting, value) => {
    const roomy = {
      ...limits,
      maxRootFields: setting === 'MAX_ROOT_FIELDS' ? 30 : 1000,
      maxDefinitions: setting === 'MAX_DEFINITIONS' ? 100 : 1000,
    }
    expect(() => checkDocumentShape(parse(accepted), roomy)).not.toThrow()
    expect(() => checkDocumentShape(parse(refused), roomy)).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', exceeded: expect.objectContaining({ setting, value }) }),
    )
  })

  it('is checked in time proportional to its length, even if its fragments would expand to more than 10 to the power of 28 selections', () => {
    expect(() => checkDocumentShape(parse(doubling(95)), limits)).toThrow(
      /fields and fragments; at most 2000 are allowed \(MAX_SELECTIONS\)/,
    )
  })

  it('is rejected if its operations and fragments, each fully expanded, have too many selections in total', () => {
    const chain = `{ a } ${times(90, (i) => `fragment F${i} on Query { ${times(5, (j) => `f${i}x${j}`)} ...F${i + 1} }`)} fragment F90 on Query { a }`
    expect(() => checkDocumentShape(parse(chain), limits)).toThrow(/fields and fragments in all definitions; at most 10000/)
  })
})

describe('the standard introspection query', () => {
  const flags = ['descriptions', 'specifiedByUrl', 'directiveIsRepeatable', 'schemaDescription', 'inputValueDeprecation', 'oneOf'] as const

  it('is recognised with every combination of the options of graphql-js, and passes the check of its size', () => {
    for (let choice = 0; choice < 2 ** flags.length; choice++) {
      const options = Object.fromEntries(flags.map((flag, bit) => [flag, (choice & (1 << bit)) !== 0]))
      const document = parse(getIntrospectionQuery(options))
      expect(isStandardIntrospection(document), JSON.stringify(options)).toBe(true)
      expect(() => checkDocumentShape(document, limits)).not.toThrow()
    }
  })

  it.each([
    ['an alias', '{ __schema { types { n: name } } }'],
    ['a directive', '{ __schema { types { name @skip(if: true) } } }'],
    ['a field that leads back into a type', '{ __schema { types { fields { type { fields { name } } } } } }'],
    ['possibleTypes of an interface', '{ __schema { types { possibleTypes { fields { name } } } } }'],
    ['another root field', '{ __schema { types { name } } campaigns { totalCount } }'],
    ['only __typename or a field of data', '{ campaigns { totalCount } }'],
    ['one type, selected by its name', '{ __type(name: "Query") { name } }'],
    ['a second operation', 'query A { __schema { types { name } } } query B { __schema { types { name } } }'],
    ['a mutation', 'mutation { __schema { types { name } } }'],
    ['a fragment that spreads itself', '{ __schema { types { ...F } } } fragment F on __Type { name ...F }'],
    ['fields of every object', '{ __schema { types { constructor { name } } } }'],
  ])('is not recognised if the document contains %s', (_, text) => {
    expect(isStandardIntrospection(parse(text))).toBe(false)
  })
})
