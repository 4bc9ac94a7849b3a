import { hash } from 'node:crypto'
import { GatewayError } from '../../../errors.ts'

/** The parts of a GraphQL request. Each part has the right type or is absent; a part that is null counts as absent. */
export interface Envelope {
  readonly query?: string
  /** Id of a trusted document (GraphQL over HTTP, appendix on persisted documents). */
  readonly documentId?: string
  readonly operationName?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** Source of the parts of a request: the JSON of a POST's body, or the query string of a GET. */
export type EnvelopeSource = { readonly body: unknown } | { readonly search: string }

const NAMES = ['query', 'documentId', 'operationName', 'variables', 'extensions'] as const
type Name = (typeof NAMES)[number]

const SHA256 = /^[0-9a-f]{64}$/

/**
 * Reads the parts of a request as GraphQL over HTTP defines them. The same rules apply to POST and GET: null and an empty operation name
 * count as absent.
 * @param isOwnId Returns whether the id of a persisted query is looked up among the trusted documents. Any other id must be a SHA-256.
 * @throws GatewayError BAD_REQUEST for a part of a wrong type, BAD_USER_INPUT for a malformed persisted query.
 */
export function readEnvelope(source: EnvelopeSource, isOwnId: (id: string) => boolean): Envelope {
  const parts = 'search' in source ? partsOfSearch(source.search) : partsOfBody(source.body)
  const query = textIn(parts, 'query')
  const documentId = textIn(parts, 'documentId')
  const operationName = textIn(parts, 'operationName')
  const variables = objectIn(parts, 'variables')
  const extensions = objectIn(parts, 'extensions')
  const isPersisted = checkPersistedQuery(extensions?.['persistedQuery'], query, isOwnId)
  if (!query && !isPersisted && documentId === undefined)
    throw new GatewayError(
      'BAD_REQUEST',
      'Expected a GraphQL document in `query`, got none: send a request such as {"query": "{ __typename }"}.',
    )
  return {
    ...(query !== undefined && { query }),
    ...(documentId !== undefined && { documentId }),
    ...(operationName && { operationName }),
    ...(variables && { variables }),
    ...(extensions && { extensions }),
  }
}

/** Returns the parts of a request as the query string of a GET. */
export function searchOf({ query, operationName, variables, extensions }: Envelope): string {
  const search = new URLSearchParams()
  if (query !== undefined) search.set('query', query)
  if (operationName !== undefined) search.set('operationName', operationName)
  if (variables) search.set('variables', JSON.stringify(variables))
  if (extensions) search.set('extensions', JSON.stringify(extensions))
  return `?${search}`
}

type Parts = Readonly<Partial<Record<Name, unknown>>>

function partsOfBody(body: unknown): Parts {
  if (isObject(body)) return body
  throw new GatewayError('BAD_REQUEST', `Expected a JSON object such as {"query": "…"} as the body, got ${described(body)}.`)
}

function partsOfSearch(search: string): Parts {
  const parameters = new URLSearchParams(search)
  const parts: Partial<Record<Name, unknown>> = {}
  for (const name of NAMES) {
    const [value, ...others] = parameters.getAll(name)
    if (others.length > 0)
      throw new GatewayError('BAD_REQUEST', `Expected \`${name}\` once in the query string, got it ${others.length + 1} times.`)
    if (value !== undefined) parts[name] = name === 'variables' || name === 'extensions' ? parsedJson(name, value) : value
  }
  return parts
}

function parsedJson(name: Name, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new GatewayError('BAD_REQUEST', `Expected JSON in \`${name}\`, which is an object such as {"id": "…"}, got something else.`)
  }
}

function textIn(parts: Parts, name: Name): string | undefined {
  const value = ownPart(parts, name)
  if (value === undefined || typeof value === 'string') return value
  throw new GatewayError('BAD_REQUEST', `Expected a text in \`${name}\`, got ${described(value)}.`)
}

function objectIn(parts: Parts, name: Name): Readonly<Record<string, unknown>> | undefined {
  const value = ownPart(parts, name)
  if (value === undefined || isObject(value)) return value
  throw new GatewayError('BAD_REQUEST', `Expected a JSON object in \`${name}\`, got ${described(value)}.`)
}

/** Returns a part of the request; undefined if it is absent or null. */
function ownPart(parts: Parts, name: Name): unknown {
  return Object.hasOwn(parts, name) ? (parts[name] ?? undefined) : undefined
}

/**
 * Returns whether the request names a persisted query. A well-formed hash of an unknown document is accepted here, because Apollo Server
 * answers such a request.
 * @throws GatewayError BAD_USER_INPUT for a malformed persisted query.
 */
function checkPersistedQuery(persisted: unknown, query: string | undefined, isOwnId: (id: string) => boolean): boolean {
  if (persisted === undefined || persisted === null) return false
  if (!isObject(persisted))
    throw wrongPersistedQuery(`an object such as {"version": 1, "sha256Hash": "…"}`, described(persisted), 'Send it as JSON, not as text.')
  const { version, sha256Hash } = persisted
  if (version !== 1)
    throw wrongPersistedQuery('version 1', `version ${described(version)}`, 'Send "version": 1, the only one that there is.')
  if (typeof sha256Hash === 'string' && isOwnId(sha256Hash)) return true
  if (typeof sha256Hash !== 'string' || !SHA256.test(sha256Hash))
    throw wrongPersistedQuery(
      '64 hexadecimal digits in lower case as `sha256Hash`',
      typeof sha256Hash === 'string' && SHA256.test(sha256Hash.toLowerCase()) ? 'capitals' : described(sha256Hash),
      'Send the SHA-256 of the document.',
    )
  if (query !== undefined && hash('sha256', query) !== sha256Hash)
    throw wrongPersistedQuery(
      'the SHA-256 of `query` as `sha256Hash`',
      'that of another text',
      'Compute it from the exact text that is sent, as UTF-8, or leave `query` out.',
    )
  return true
}

function wrongPersistedQuery(expected: string, got: string, remedy: string): GatewayError {
  return new GatewayError('BAD_USER_INPUT', `\`extensions.persistedQuery\`: expected ${expected}, got ${got}. ${remedy}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a short description of a value for an error message. */
function described(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
