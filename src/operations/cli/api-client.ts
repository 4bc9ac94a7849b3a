import { CommandFailure, EXIT, UsageFailure } from './failure.ts'
import { printable } from './terminal.ts'

export interface ApiClientOptions {
  /** Address of the gateway or of its management listener, without a path. */
  readonly url: string
  readonly token: string
  readonly fetch: (url: string, request: ApiRequest) => Promise<Response>
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer of the management API. */
export interface ApiAnswer<Value> {
  /** The answer without control characters in its texts. */
  readonly value: Value
  /** The answer as JSON, for `--json`. */
  readonly json: string
}

interface ErrorItem {
  readonly message?: unknown
  readonly extensions?: { readonly code?: unknown; readonly requestId?: unknown; readonly path?: unknown }
}

const BASE_PATH = '/api/v1/cache'

export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>

/** Client of the management API. Each failure becomes one sentence and a remedy. */
export class ApiClient {
  readonly #options: ApiClientOptions

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** Reads from an endpoint, such as `/stats`. @throws CommandFailure if the API cannot be reached or refuses the request. */
  get<Value>(path: string, parameters: Parameters = {}): Promise<ApiAnswer<Value>> {
    const given = Object.entries(parameters).flatMap<[string, string]>(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    )
    const query = given.length > 0 ? `?${new URLSearchParams(given)}` : ''
    return this.#send<Value>('GET', `${path}${query}`)
  }

  /** Sends a command to an endpoint. @throws CommandFailure if the API cannot be reached or refuses the request. */
  post<Value>(path: string, body: object): Promise<ApiAnswer<Value>> {
    return this.#send<Value>('POST', path, JSON.stringify(body))
  }

  async #send<Value>(method: 'GET' | 'POST', path: string, body?: string): Promise<ApiAnswer<Value>> {
    const { url, token, fetch } = this.#options
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }
    let response: Response
    let text: string
    try {
      response = await fetch(`${url}${BASE_PATH}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
      text = await response.text()
    } catch (error) {
      throw explainConnection(url, error)
    }
    const parsed = parseJson(text)
    if (response.ok && parsed !== undefined) return { value: withoutControls(parsed) as Value, json: jsonOf(parsed) }
    throw explainRefusal(url, response, parsed)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function withoutControls(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map(withoutControls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [printable(name), withoutControls(part)]))
}

/** Returns a value as JSON. Control characters that JSON leaves as they are become escape sequences. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function explainConnection(url: string, error: unknown): CommandFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause)
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  return new CommandFailure(
    EXIT.unavailable,
    isLate ? `The gateway at ${url} did not answer in time.` : `The gateway at ${url} cannot be reached (${printable(reason)}).`,
    isLate
      ? 'Look at its log and at /readyz; tidegate doctor checks the database and Redis without it.'
      : 'Start it, or set --url or TIDEGATE_URL; tidegate doctor checks the database and Redis without it.',
  )
}

function explainRefusal(url: string, response: Response, body: unknown): CommandFailure {
  const items = itemsOf(body)
  const [first] = items
  if (!first)
    return new CommandFailure(
      EXIT.unavailable,
      `The address ${url} serves no management API (status ${response.status}).`,
      'Set --url or TIDEGATE_URL to the address of a gateway, or of its management listener if it has one.',
    )
  const message = items.map((item) => sentenceOf(item)).join(' ')
  const code = String(first.extensions?.code ?? '')
  if (code === 'UNAUTHENTICATED')
    return new CommandFailure(EXIT.unavailable, message, 'Get a new token (npm run token -- --role OPERATOR), and set TIDEGATE_TOKEN.')
  if (code === 'FORBIDDEN')
    return new CommandFailure(EXIT.unavailable, message, 'Use a token with the role ADMIN of that tenant, or with the role OPERATOR.')
  if (code === 'NOT_FOUND' && response.status === 404)
    return new CommandFailure(EXIT.failed, message, 'Correct the name; on an address without the management API set --url.')
  if (code === 'FILTER_TOO_BROAD')
    return new UsageFailure(
      message,
      'Nothing was done. tidegate purge --all TENANT invalidates everything of a tenant, and asks for its name.',
    )
  if (response.status === 429)
    return new CommandFailure(EXIT.failed, message, `Repeat the command in ${response.headers.get('retry-after') ?? 'some'} s.`)
  if (response.status < 500) return new UsageFailure(message, 'Nothing was done. Correct the arguments, and repeat the command.')
  return new CommandFailure(
    EXIT.failed,
    message,
    response.status === 503
      ? 'Repeat the command in a moment; tidegate doctor checks the database and Redis.'
      : `Look for the request ${printable(String(first.extensions?.requestId ?? ''))} in the log of the gateway.`,
  )
}

function itemsOf(body: unknown): readonly ErrorItem[] {
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return []
  return body.errors.filter((item) => typeof item === 'object' && item !== null)
}

function sentenceOf({ message, extensions }: ErrorItem): string {
  const path = extensions?.path
  const text = printable(String(message ?? ''))
  return typeof path === 'string' && !text.includes(path) ? `${printable(path)}: ${text}` : text
}
