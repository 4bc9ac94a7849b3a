import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Random } from '#src/market/seed/random.ts'

/** One HTTP request whose GraphQL parameters may be wrong in any part. */
export interface SentEnvelope {
  readonly method: 'GET' | 'POST'
  readonly isAnonymous: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Query string of a GET request. */
  readonly search: string
  /** Body of a POST request. */
  readonly body: Buffer
  /** Requests that contain the same parts in other forms. All of them must get the same response as this request. */
  readonly alike?: readonly SentEnvelope[]
}

/** JSON texts of the parts of a request; undefined omits the part. */
interface Parts {
  readonly query: string | undefined
  readonly documentId: string | undefined
  readonly operationName: string | undefined
  readonly variables: string | undefined
  readonly extensions: string | undefined
}

const json = JSON.stringify
const sha1 = (text: string) => hash('sha1', text)
const sha256 = (text: string) => hash('sha256', text)

/** A document with suitable variables, and whether the manifest of trusted documents contains it. */
export type EnvelopeDocument = readonly [document: string, variables: readonly unknown[], trust?: 'trusted']

/** Documents of the requests, with suitable variables. No response depends on the time. */
export function envelopeDocuments(id: string): readonly EnvelopeDocument[] {
  return [
    ['{__typename}', [{}]],
    ['query A{__typename}', [{}], 'trusted'],
    ['query A{__typename} query B{a:__typename}', [{}], 'trusted'],
    ['{tlds(kind:INTERNATIONALIZED){name}}', [{}]],
    ['query A($kind:TldKind){tlds(kind:$kind){name}}', [{ kind: 'INTERNATIONALIZED' }, { kind: null }], 'trusted'],
    [
      'query B($id:ID!){campaign(id:$id){id name}}',
      [{ id }, { id: '' }, { id: '1' }, { id: ` ${id} ` }, { id: 1 }, { id: `${id}=` }],
      'trusted',
    ],
    ['query B($f:BidFilter){bids(first:2,filter:$f){totalCount}}', [{ f: {} }, { f: null }, { f: { callId: '' } }, { f: { calId: id } }]],
    [
      'query A($q:String!){searchDomains(query:$q,first:1){totalCount}}',
      [{ q: 'plumber' }, { q: '' }, { q: '\0' }, { q: '\ud83d' }, { q: '\u{1F600}' }],
    ],
    [
      'query A($after:String){buyers(first:1,after:$after){nodes{id}}}',
      [{}, { after: '' }, { after: cursorBeyond() }, { after: 'bm9uZQ' }],
    ],
    ['{viewer{role tenant{name}}}', [{}], 'trusted'],
    ['{bids(first:1,filter:{buyerId:""}){totalCount}}', [{}]],
    ['{searchDomains(query:"\\u0000",first:1){totalCount}}', [{}]],
    ['{nowhere}', [{}]],
    ['{', [{}]],
    ['mutation A{cancelBid(input:{id:"1"}){errors{code}}}', [{}], 'trusted'],
  ]
}

/** Returns a manifest of the trusted documents: maps the SHA-1 of each document to its text, like graphql-codegen. */
export function envelopeManifest(documents: readonly EnvelopeDocument[]): Readonly<Record<string, string>> {
  return Object.fromEntries(documents.flatMap(([document, , trust]) => (trust ? [[sha1(document), document]] : [])))
}

/** Returns a cursor of the list of buyers by name, with a text that is not the name of any buyer. */
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
/** Ids that no manifest contains, and values that are not valid ids. */
const WRONG_IDS = [
  ...[
    sha1('other'),
    sha256('other'),
    sha1('query A{__typename}').toUpperCase(),
    `sha256:${sha1('other')}`,
    'sha256:',
    'x'.repeat(9000),
  ].map((id) => json(id)),
  ...['"__proto__"', '"constructor"', '"\\u0000"', '"\\ud800"', '"query A{__typename}"'],
  ...WRONG_PARTS,
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

/** Returns a random request. The same random numbers produce the same request. */
export function randomEnvelope(random: Random, documents: readonly EnvelopeDocument[]): SentEnvelope {
  const [document, variables] = random.pick(documents)
  const usually = (right: string | undefined, others: readonly (string | undefined)[]) =>
    random.chance(0.8) ? right : oneOf(random, others)
  const documentId = usually(undefined, random.pick([documentIds(document), documentIds(random.pick(documents)[0]), WRONG_IDS]))
  const isByIdAlone = documentId !== undefined && random.chance(0.5)
  const parts: Parts = {
    query: isByIdAlone ? undefined : usually(json(document), [undefined, ...WRONG_PARTS]),
    documentId,
    operationName: usually(undefined, [...NAMES, ...WRONG_PARTS]),
    variables: usually(json(random.pick(variables)), [undefined, ...WRONG_PARTS]),
    extensions: usually(undefined, [...WRONG_PARTS, ...persisted(random, document)]),
  }
  const isGet = random.chance(0.5)
  const accept = random.pick(ACCEPTS)
  const isAnonymous = random.chance(0.2)
  const common = { isAnonymous, search: '', body: Buffer.alloc(0), alike: alike(parts, { accept, isAnonymous }, documents) }
  if (isGet) return { ...common, method: 'GET', headers: { accept, 'apollo-require-preflight': 'true' }, search: searchWith(random, parts) }
  const type = random.chance(0.9) ? 'application/json' : random.pick(CONTENT_TYPES)
  return { ...common, method: 'POST', ...encoded(random, bodyWith(random, parts), { accept, 'content-type': type }) }
}

/** Returns the same request by POST, by GET, and with the text of a trusted document instead of its id. */
function alike(
  parts: Parts,
  { accept, isAnonymous }: { readonly accept: string; readonly isAnonymous: boolean },
  documents: readonly EnvelopeDocument[],
): readonly SentEnvelope[] {
  const { query, documentId, extensions } = parts
  // In a query string these parts must be strings without lone surrogates.
  const isText = (part: string | undefined) => part === undefined || (part.startsWith('"') && String(JSON.parse(part)).isWellFormed())
  if (![query, documentId, parts.operationName].every(isText)) return []
  const post = (body: string): SentEnvelope => {
    return { method: 'POST', isAnonymous, headers: { accept, 'content-type': 'application/json' }, search: '', body: Buffer.from(body) }
  }
  const [named] = documents.find(([document, , trust]) => trust && documentIds(document).includes(documentId ?? '')) ?? []
  const [persisted] = documents.find(([document]) => extensions?.toLowerCase().includes(sha256(document))) ?? []
  const sent = [post(bodyOf(given(parts)))]
  // A mutation is refused by GET, however it is identified, so it has no GET form.
  if (![query, named, persisted].some((text) => text?.includes('mutation'))) {
    const headers = { accept, 'apollo-require-preflight': 'true' }
    sent.push({ method: 'GET', isAnonymous, headers, search: new URLSearchParams(inSearch(parts)).toString(), body: Buffer.alloc(0) })
  }
  if (named !== undefined && query === undefined && extensions === undefined)
    sent.push(post(bodyOf(given({ ...parts, documentId: undefined, query: json(named) }))))
  return sent
}

/** Returns all ids of the document in the manifest, or an empty list if the manifest does not contain the document. */
function documentIds(document: string): readonly string[] {
  return [sha1(document), sha256(document), `sha256:${sha256(document)}`].map((id) => json(id))
}

function persisted(random: Random, document: string): readonly string[] {
  const sha256Hash = sha256(document)
  const hashes = [sha256Hash, sha1(document), sha256Hash.toUpperCase(), sha256Hash.slice(1), sha256('other'), '', 'x', null, 1, {}]
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

/** Picks an item at random. An item may be undefined. */
function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(0, items.length - 1)] as Item
}

function given(parts: Parts): readonly (readonly [name: string, text: string])[] {
  return Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function bodyWith(random: Random, parts: Parts): string {
  if (random.chance(0.03)) return random.pick(['', '[]', 'null', '1', '"x"', '{', '[{"query":"{__typename}"}]', '{}', '{"a":1}'])
  const members = given(parts)
  return bodyOf(random.chance(0.05) && members.length > 0 ? [...members, random.pick(members)] : members)
}

function bodyOf(members: ReturnType<typeof given>): string {
  return `{${members.map(([name, text]) => `"${name}":${text}`).join()}}`
}

function searchWith(random: Random, parts: Parts): string {
  const search = new URLSearchParams()
  for (const [name, value] of inSearch(parts)) {
    search.append(name, random.chance(0.02) ? '' : value)
    if (random.chance(0.02)) search.append(name, value)
  }
  return search.toString()
}

/** Converts the parts to parameters of a query string, in which a JSON string has no quotes. */
function inSearch(parts: Parts): [name: string, value: string][] {
  return given(parts).map(([name, text]) => {
    const isPlain = name === 'query' || name === 'documentId' || name === 'operationName'
    return [name, isPlain && text.startsWith('"') ? String(JSON.parse(text)) : text]
  })
}

function encoded(random: Random, text: string, headers: Readonly<Record<string, string>>): Pick<SentEnvelope, 'body' | 'headers'> {
  const body = Buffer.from(random.chance(0.05) ? `\ufeff${text}` : text)
  if (random.chance(0.03)) return { body: gzipSync(body), headers: { ...headers, 'content-encoding': 'gzip' } }
  if (random.chance(0.01)) return { body, headers: { ...headers, 'content-encoding': 'gzip' } }
  if (random.chance(0.01)) return { body: Buffer.concat([body, Buffer.from([0xff])]), headers }
  return { body, headers }
}
