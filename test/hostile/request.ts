/** The parameters of a GraphQL request. */
export interface Envelope {
  readonly query: string
  readonly variables?: unknown
  readonly operationName?: unknown
  readonly extensions?: unknown
}

export type Caller = 'ADMIN' | 'VIEWER' | 'nobody'

export interface HostileRequest {
  /** Kind of the request, for reports. */
  readonly kind: string
  readonly caller: Caller
  readonly method: 'POST' | 'GET'
  /** The operations of the request. Several operations form a batch. */
  readonly envelopes: readonly Envelope[]
  /** Body that is sent instead of the operations, if it is JSON that `JSON.stringify` would not produce. */
  readonly body?: string
  /** Headers that replace the content type of a POST, or the preflight header of a GET. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Headers that typical clients send with a POST. `GET_HEADERS` contains the header that CSRF prevention requires for a
 * GET.
 */
export const JSON_HEADERS = { 'content-type': 'application/json' }
export const GET_HEADERS = { 'apollo-require-preflight': 'true' }

/** Node rejects requests with longer headers. */
export const MAX_URL_LENGTH = 12_000

/** Matches the beginning of an operation up to its name. */
const OPERATION_HEAD = /^(\s*)(?:(query|mutation)\b\s*\w*|(?=\{))/

/**
 * Returns the bytes to send: the body of a POST, or the query string of a GET.
 * @param round Renames the operation, so that the gateway has seen neither the document nor the response before.
 * undefined keeps the name.
 */
export function textOf(request: HostileRequest, round: number | undefined): string {
  if (request.body !== undefined) return request.body
  const envelopes = request.envelopes.map((envelope) => renamed(envelope, round))
  const [first] = envelopes
  if (request.method === 'GET') return searchOf(first ?? { query: '' })
  return JSON.stringify(envelopes.length === 1 ? first : envelopes)
}

function renamed(envelope: Envelope, round: number | undefined): Envelope {
  if (round === undefined || envelope.operationName !== undefined) return envelope
  const query = envelope.query.replace(OPERATION_HEAD, (_, space: string, kind = 'query') => `${space}${kind} R${round} `)
  return { ...envelope, query }
}

function searchOf({ query, ...others }: Envelope): string {
  const search = new URLSearchParams({ query })
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) search.set(name, name === 'operationName' ? String(value) : JSON.stringify(value))
  return search.toString()
}

/** Shortens a text for a report. */
export function shortened(text: string, length = 110): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line
}
