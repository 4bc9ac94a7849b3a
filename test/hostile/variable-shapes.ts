import type { Random } from '#src/market/seed/random.ts'
import type { CorpusOperation } from '../corpus/operations.ts'
import type { Envelope } from './request.ts'
import { someCount, type World } from './world.ts'

type Values = Readonly<Record<string, unknown>>

/** Variables that no operation accepts, whatever it declares. */
const strangeObjects: Readonly<Record<string, (random: Random) => unknown>> = {
  'unknown keys': (random) => wide(someCount(random)),
  'an object of unknown keys': (random) => ({ k: wide(someCount(random)) }),
  'deep objects': (random) => ({ k: deep(someCount(random, 1900), (inner) => ({ a: inner })) }),
  'deep lists': (random) => ({ k: deep(someCount(random, 1900), (inner) => [inner]) }),
  'a long list': (random) => ({ k: Array.from({ length: someCount(random) }, () => random.pick([1, 'x', null])) }),
  'many lists': (random) => ({ k: Array.from({ length: 90 }, () => Array.from({ length: someCount(random, 1000) }, () => 0)) }),
  'a long text': (random) => ({ k: 'x'.repeat(someCount(random) * 4) }),
  'a long key': (random) => ({ ['k'.repeat(someCount(random))]: 1 }),
  'names that objects have': () =>
    JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"toString":1,"hasOwnProperty":null}'),
  'half characters': () => ({ k: '\ud800', '\udc00': '\ud800\u0000' }),
  'numbers for keys': (random) =>
    Object.fromEntries(Array.from({ length: someCount(random, 5000) }, (_, index) => [4_000_000_000 - index * 7, 1])),
  'no object': (random) => random.pick([[], [1], 'x', 1, true, null, '', '{}']),
}

/** Values of a wrong type for a declared variable. */
const strangeValues: readonly ((random: Random, was: unknown) => unknown)[] = [
  () => null,
  () => ({}),
  () => [],
  () => true,
  () => 1e308,
  () => -1,
  () => 2 ** 53,
  () => 0.5,
  () => '',
  () => '\u0000',
  () => '\ud800',
  () => '9999-12-31T23:59:59Z',
  () => '0000-01-01T00:00:00Z',
  (random) => 'x'.repeat(someCount(random, 10_001)),
  (random) => '\u00e9'.repeat(someCount(random, 9000)),
  (random) => `${'a.'.repeat(someCount(random, 5000))}com`,
  (_, was) => [was],
  (_, was) => [[[was]]],
  (random, was) => Array.from({ length: someCount(random, 1000) }, () => was),
  (random, was) => ({ ...asObject(was), ...wide(random.pick([1, 50, 100])) }),
  (_, was) => Object.fromEntries(Object.entries(asObject(was)).map(([key, value]) => [misspelt(key), value])),
  (random, was) => Object.fromEntries(Object.entries(asObject(was)).map(([key, value]) => [key, strange(random, value)])),
  (random) => deep(random.pick([5, 19, 30]), (inner) => ({ a: inner })),
  (random) => deep(random.pick([5, 19, 30]), (inner) => [inner]),
]

/** Returns an operation of the corpus with hostile variables, operation name or extensions. */
export function hostileVariables(random: Random, { corpus }: World): readonly [kind: string, Envelope] {
  const operation = random.pick(corpus)
  const { document: query, variables } = operation
  const declared = Object.keys(variables)
  if (random.chance(0.5) && declared.length > 0)
    return [`a value of a wrong type`, { query, ...named(operation), variables: oneStrange(random, variables) }]
  if (random.chance(0.15)) return ['operation name or extensions', { query, variables, ...strangeParts(random) }]
  const [kind, make] = random.pick(Object.entries(strangeObjects))
  const values = make(random)
  const isObject = typeof values === 'object' && values !== null && !Array.isArray(values)
  return [kind, { query, ...named(operation), variables: isObject && random.chance(0.5) ? { ...variables, ...values } : values }]
}

/** Request bodies that `JSON.stringify` would not produce. */
export const strangeBodies: Readonly<Record<string, (random: Random) => string>> = {
  'deep JSON': (random) => `{"query":"{__typename}","variables":${'['.repeat(someCount(random) * 20)}`,
  'deep JSON beside the query': (random) => {
    const depth = someCount(random) * 20
    return `{"query":"{__typename}","x":${'['.repeat(depth)}${']'.repeat(depth)}}`
  },
  'keys given twice': (random) =>
    `{${'"query":"{__typename}",'.repeat(someCount(random))}"query":"{__typename}","variables":{"a":1,"a":{}}}`,
  'many keys': (random) =>
    `{"query":"{__typename}","variables":{${Array.from({ length: someCount(random) * 4 }, (_, index) => `"${index.toString(36)}k":1`).join()}}}`,
  'huge numbers': (random) => `{"query":"{__typename}","variables":{"a":${'9'.repeat(someCount(random) * 10)},"b":1e999,"c":-0}}`,
  escapes: (random) => `{"query":"{__typename}","variables":{"a":"${'\\u0041'.repeat(someCount(random) * 8)}"}}`,
  'no JSON': (random) =>
    random.pick([
      '',
      '[',
      'null',
      '[]',
      '[[]]',
      '"x"',
      '0',
      '{"query":1}',
      '{"query":{}}',
      '{"query":["{__typename}"]}',
      '{}',
      '{"query":null,"variables":[]}',
      '[{"query":"{__typename}"}]',
      '\u0000',
      '{"query":"{__typename}"',
    ]),
}

function oneStrange(random: Random, variables: Values): Values {
  const name = random.pick(Object.keys(variables))
  return { ...variables, [random.chance(0.1) ? misspelt(name) : name]: strange(random, variables[name]) }
}

function strange(random: Random, was: unknown): unknown {
  return random.pick(strangeValues)(random, was)
}

function strangeParts(random: Random): Pick<Envelope, 'operationName' | 'extensions'> {
  return random.pick([
    () => ({ operationName: 'x'.repeat(someCount(random)) }),
    () => ({ operationName: random.pick(['__proto__', '', '\ud800', 'constructor']) }),
    () => ({ operationName: random.pick([1, {}, [], true]) }),
    () => ({ extensions: { persistedQuery: { version: 1, sha256Hash: random.pick(['0'.repeat(64), 'x', 'x'.repeat(9000), null, {}]) } } }),
    () => ({ extensions: { persistedQuery: random.pick([null, 1, [], {}, { version: 2, sha256Hash: '' }]) } }),
    () => ({ extensions: random.pick([wide(someCount(random)), [], 'x', 1, deep(30, (inner) => [inner])]) }),
  ])()
}

function named({ operationName }: CorpusOperation): Pick<Envelope, 'operationName'> {
  return operationName === undefined ? {} : { operationName }
}

function wide(count: number): Values {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1]))
}

function deep(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = wrap(value)
  return value
}

function asObject(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function misspelt(name: string): string {
  return name.length > 2 ? `${name.slice(0, -2)}${name.at(-1)}${name.at(-2)}` : `${name}x`
}
