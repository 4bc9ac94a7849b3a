import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Random } from '../../src/seed/random.ts'

/** One HTTP request with an envelope that may be wrong in any part. */
export interface SentEnvelope {
  readonly method: 'GET' | 'POST'
  readonly isAnonymous: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Of a GET. */
  readonly search: string
  /** Of a POST. */
  readonly body: Buffer
}

/** Every part is a JSON text; undefined leaves it out. */
interface Parts {
  readonly query: string | undefined
  readonly operationName: string | undefined
  readonly variables: string | undefined
  readonly extensions: string | undefined
}

const json = JSON.stringify

/** Documents that are asked for, with variables that suit them. The answers of none depend on the time. */
export function envelopeDocuments(id: string): readonly (readonly [document: string, variables: readonly unknown[]])[] {
  return [
    ['{__typename}', [{}]],
    ['query A{__typename}', [{}]],
    ['query A{__typename} query B{a:__typename}', [{}]],
    ['{tlds(kind:INTERNATIONALIZED){name}}', [{}]],
    ['query A($kind:TldKind){tlds(kind:$kind){name}}', [{ kind: 'INTERNATIONALIZED' }, { kind: null }]],
    ['query B($id:ID!){campaign(id:$id){id name}}', [{ id }, { id: '' }, { id: '1' }, { id: ` ${id} ` }, { id: 1 }, { id: `${id}=` }]],
    ['query B($f:BidFilter){bids(first:2,filter:$f){totalCount}}', [{ f: {} }, { f: null }, { f: { callId: '' } }, { f: { calId: id } }]],
    [
      'query A($q:String!){searchDomains(query:$q,first:1){totalCount}}',
      [{ q: 'plumber' }, { q: '' }, { q: '\0' }, { q: '\ud83d' }, { q: '\u{1F600}' }],
    ],
    [
      'query A($after:String){buyers(first:1,after:$after){nodes{id}}}',
      [{}, { after: '' }, { after: cursorBeyond() }, { after: 'bm9uZQ' }],
    ],
    ['{viewer{role tenant{name}}}', [{}]],
    ['{bids(first:1,filter:{buyerId:""}){totalCount}}', [{}]],
    ['{searchDomains(query:"\\u0000",first:1){totalCount}}', [{}]],
    ['{nowhere}', [{}]],
    ['{', [{}]],
    ['mutation A{cancelBid(input:{id:"1"}){errors{code}}}', [{}]],
  ]
}

/** A cursor of buyers by name whose text was never a buyer's. */
function cursorBeyond(): string {
  return Buffer.from(json(['Buyer.name.asc', '+275760-09-13T00:00:00.000Z', 1])).toString('base64url')
}

const WRONG_PARTS = [
  'null',
  '""',
  '" "',
  '0',
  '1',
  'true',
  'false',
  '[]',
  '[{}]',
  '{}',
  '"{}"',
  '"null"',
  '{"a":1}',
  '1e999',
  '"__proto__"',
]
const NAMES = ['"A"', '"B"', '"C"', '"a"', '" A"', '"toString"', '"\\u0000"', '"\\ud800"']
const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/json;charset=UTF8',
  'application/json; charset=utf-16',
  'application/graphql-response+json',
  'text/plain',
]
const ACCEPTS = [
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'application/graphql-response+json, application/json;q=0.9',
]

/** One random request. The same random numbers give the same one. */
export function randomEnvelope(random: Random, documents: ReturnType<typeof envelopeDocuments>): SentEnvelope {
  const [document, variables] = random.pick(documents)
  const usually = (right: string | undefined, others: readonly (string | undefined)[]) =>
    random.chance(0.8) ? right : oneOf(random, others)
  const parts: Parts = {
    query: usually(json(document), [undefined, ...WRONG_PARTS]),
    operationName: usually(undefined, [...NAMES, ...WRONG_PARTS]),
    variables: usually(json(random.pick(variables)), [undefined, ...WRONG_PARTS]),
    extensions: usually(undefined, [...WRONG_PARTS, ...persisted(random, document)]),
  }
  const isGet = random.chance(0.5)
  const accept = random.pick(ACCEPTS)
  const common = { isAnonymous: random.chance(0.2), search: '', body: Buffer.alloc(0) }
  if (isGet) return { ...common, method: 'GET', headers: { accept, 'apollo-require-preflight': 'true' }, search: searchWith(random, parts) }
  const type = random.chance(0.9) ? 'application/json' : random.pick(CONTENT_TYPES)
  return { ...common, method: 'POST', ...encoded(random, bodyWith(random, parts), { accept, 'content-type': type }) }
}

function persisted(random: Random, document: string): readonly string[] {
  const sha256Hash = hash('sha256', document)
  const hashes = [sha256Hash, sha256Hash.toUpperCase(), sha256Hash.slice(1), hash('sha256', 'other'), '', 'x', null, 1, {}]
  const versions = [1, 2, 0, '1', null, undefined]
  const wrong = [null, 0, 1, '', 'x', true, [], {}, sha256Hash]
  const objects = [
    { version: 1, sha256Hash },
    { version: 1, sha256Hash: oneOf(random, hashes) },
    { version: oneOf(random, versions), sha256Hash },
    oneOf(random, wrong),
  ]
  return objects.map((persistedQuery) => json({ persistedQuery }))
}

/** One of the items, of which some may be undefined. */
function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(0, items.length - 1)] as Item
}

function given(parts: Parts): readonly (readonly [name: string, text: string])[] {
  return Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function bodyWith(random: Random, parts: Parts): string {
  if (random.chance(0.03)) return random.pick(['', '[]', 'null', '1', '"x"', '{', '[{"query":"{__typename}"}]', '{}', '{"a":1}'])
  const members = given(parts)
  const all = random.chance(0.05) && members.length > 0 ? [...members, random.pick(members)] : members
  return `{${all.map(([name, text]) => `"${name}":${text}`).join()}}`
}

/** What is a text in JSON stands in a query string as it is. */
function searchWith(random: Random, parts: Parts): string {
  const search = new URLSearchParams()
  for (const [name, text] of given(parts)) {
    const isPlain = name === 'query' || name === 'operationName'
    const value = isPlain && text.startsWith('"') ? String(JSON.parse(text)) : text
    search.append(name, random.chance(0.02) ? '' : value)
    if (random.chance(0.02)) search.append(name, value)
  }
  return search.toString()
}

function encoded(random: Random, text: string, headers: Readonly<Record<string, string>>): Pick<SentEnvelope, 'body' | 'headers'> {
  const body = Buffer.from(random.chance(0.05) ? `\ufeff${text}` : text)
  if (random.chance(0.03)) return { body: gzipSync(body), headers: { ...headers, 'content-encoding': 'gzip' } }
  if (random.chance(0.01)) return { body, headers: { ...headers, 'content-encoding': 'gzip' } }
  if (random.chance(0.01)) return { body: Buffer.concat([body, Buffer.from([0xff])]), headers }
  return { body, headers }
}
