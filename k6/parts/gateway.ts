import { check } from 'k6'
import http from 'k6/http'
import { countLayer, errors, flaggedAnswers, type Layer, serverErrors, staleAnswers } from './measures.ts'
import type { Settings } from './settings.ts'
import { type Versions, versionsIn } from './versions.ts'

export interface Operation {
  /** Name of the operation: the value of the tag `name` in the metrics. */
  readonly name: string
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly isGood: boolean
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data: any
  /** Time at which the response arrived, Unix epoch ms. */
  readonly receivedAt: number
}

interface Body {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string }[]
  readonly extensions?: { readonly stale?: unknown; readonly consistencyToken?: string }
}

/** Sends the GraphQL operations of one virtual user. Checks the version of every object that a response shows. */
export class Gateway {
  readonly #settings: Settings
  readonly #token: string
  readonly #versions: Versions

  constructor(settings: Settings, token: string, versions: Versions) {
    this.#settings = settings
    this.#token = token
    this.#versions = versions
  }

  /** Sends a GraphQL operation. @param withToken Whether to send the consistency tokens of this user's writes. */
  async ask(operation: Operation, withToken: boolean): Promise<Answer> {
    const sentAt = Date.now()
    const tokens = withToken ? this.#versions.tokens(sentAt) : ''
    const response = await send(this.#settings, this.#token, operation, tokens)
    const receivedAt = Date.now()
    const body = bodyOf(response.body)
    const isGood = check(response, {
      'the status is 200': ({ status }) => status === 200,
      'the answer has data and no errors': () => body.data !== undefined && body.data !== null && body.errors === undefined,
    })
    errors.add(!isGood)
    if (response.status >= 500) serverErrors.add(1)
    if (response.status === 200) countLayer(layerOf(response.headers), response.timings.duration)
    const isFlagged = body.extensions?.stale !== undefined || response.headers['X-Cache'] === 'STALE'
    if (isFlagged) flaggedAnswers.add(1)
    this.#checkVersions(body.data, { sentAt, receivedAt, hasToken: tokens !== '', isFlagged })
    const token = response.headers['Consistency-Token']
    if (token !== undefined) this.#versions.addToken(token, receivedAt)
    return { isGood, data: body.data, receivedAt }
  }

  #checkVersions(
    data: unknown,
    request: { readonly sentAt: number; readonly receivedAt: number; readonly hasToken: boolean; readonly isFlagged: boolean },
  ): void {
    const found = versionsIn(data)
    const isFresh = found.every(({ id, version }) => !this.#versions.isTooOld(id, version, request))
    if (found.length > 0) check(isFresh, { 'no version is older than promised': (fresh) => fresh })
    if (!isFresh) staleAnswers.add(1)
    for (const { id, version } of found) this.#versions.saw(id, version, request.receivedAt)
  }
}

/**
 * Sends an operation before the virtual users begin, and returns its data. @throws an error with the response if the response has errors.
 */
// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
export async function askOnce(settings: Settings, token: string, operation: Operation): Promise<any> {
  const response = await send(settings, token, operation, '')
  const { data, errors: refusals } = bodyOf(response.body)
  if (response.status !== 200 || data === undefined || data === null || refusals !== undefined)
    throw new Error(
      `${operation.name}: expected data from ${settings.baseUrl}, got status ${response.status} ${response.error} ${String(response.body).slice(0, 300)}`,
    )
  return data
}

function send({ baseUrl }: Settings, token: string, { name, query, variables }: Operation, tokens: string) {
  const headers = {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${token}`,
    ...(tokens === '' ? {} : { 'Consistency-Token': tokens }),
  }
  return http.asyncRequest('POST', `${baseUrl}/graphql`, JSON.stringify({ query, variables }), { headers, tags: { name } })
}

/** Parses a response body. Returns an empty body for anything that is not JSON, so that the check for data fails. */
function bodyOf(text: unknown): Body {
  try {
    return typeof text === 'string' ? JSON.parse(text) : {}
  } catch {
    return {}
  }
}

function layerOf(headers: Readonly<Record<string, string>>): Layer {
  switch (headers['X-Cache']) {
    case 'HIT':
      return headers['X-Cache-Level'] === 'L2' ? 'l2' : 'l1'
    case 'MISS':
      return 'miss'
    case 'STALE':
      return 'stale'
    default:
      return 'bypass'
  }
}
