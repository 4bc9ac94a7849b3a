/** The parts of a GraphQL request. */
export interface Envelope {
  readonly query: string
  readonly variables?: unknown
  readonly operationName?: unknown
  readonly extensions?: unknown
}

export type Caller = 'ADMIN' | 'VIEWER' | 'nobody'

export interface HostileRequest {
  /** Name of its kind, in reports. */
  readonly kind: string
  readonly caller: Caller
  readonly method: 'POST' | 'GET'
  /** Several are a batch. */
  readonly envelopes: readonly Envelope[]
  /** Sent as the body in place of the envelopes: JSON that `JSON.stringify` would not make. */
  readonly body?: string
  /** Sent in place of the content type of a POST, or of the header that lets a GET in. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What usual clients send with a POST, and what lets a GET in. */
export const JSON_HEADERS = { 'content-type': 'application/json' }
export const GET_HEADERS = { 'apollo-require-preflight': 'true' }

/** Node refuses longer heads of a request. */
export const MAX_URL_LENGTH = 12_000

/** An operation's beginning, up to its name. */
const OPERATION_HEAD = /^(\s*)(?:(query|mutation)\b\s*\w*|(?=\{))/

/**
 * The bytes to send: the body of a POST, the query string of a GET.
 * @param round Names the operation, so that neither it nor its answer was seen before. undefined leaves it as it is.
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

/** As a report shows it. */
export function shortened(text: string, length = 110): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line
}
