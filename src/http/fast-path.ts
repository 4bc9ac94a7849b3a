import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLEndpoint, Recalled } from '../graphql/endpoint.ts'
import type { ContentEncoder, Representation } from '../responses/content-encoder.ts'
import { hitHeaders } from '../responses/stored-response.ts'
import type { Authentication } from './authentication.ts'
import { tokenOf } from './consistency-token.ts'
import { isKnown, isStorable } from './entity-tag.ts'
import { rawRequestOf, searchOf, textOf } from './raw-request.ts'
import type { RequestIdOf } from './request-id.ts'
import { readUsualHeaders, type UsualHeaders } from './usual-headers.ts'

export interface FastPathOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'atHand' | 'recall' | 'sent'>
  readonly authentication: Pick<Authentication, 'known'>
  readonly encoder: ContentEncoder
  /** Unix epoch, ms. */
  readonly now: () => number
  readonly requestIdOf: RequestIdOf
}

/** What the framework need not do again. */
export interface Begun {
  readonly body?: Buffer | undefined
  readonly recalled?: Recalled
  readonly requestId?: string
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly otherwise: Otherwise
  readonly method: string
  readonly headers: UsualHeaders
  readonly body?: Buffer
}

type Otherwise = (request: IncomingMessage, response: ServerResponse) => void

/** Larger ones, and those without, are left to the framework, which counts the bytes. */
const LARGEST_BODY_BYTES = 65_536

/**
 * Bytes in, bytes out: answers a request that came before from the response tier, before any framework or parser sees it. Whatever
 * is unusual about a request (a page of another origin, directives, debugging, an unknown token) leaves it to the framework.
 */
export class FastPath {
  readonly #options: FastPathOptions
  readonly #begun = new WeakMap<IncomingMessage, Begun>()
  #stopped = false

  constructor(options: FastPathOptions) {
    this.#options = options
  }

  /** From now on every request is handed on: the framework says to each that its connection ends. */
  stop(): void {
    this.#stopped = true
  }

  /** Answers the request, or hands it on. */
  handle(request: IncomingMessage, response: ServerResponse, otherwise: Otherwise): void {
    const { method = '', url = '' } = request
    const headers = !this.#stopped && (url === '/graphql' || url.startsWith('/graphql?')) && readUsualHeaders(request.rawHeaders)
    if (headers && method === 'GET') this.#answer({ request, response, otherwise, method, headers }, searchOf(url))
    else if (headers && method === 'POST' && isShort(Number(headers.contentLength))) {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
        this.#answer({ request, response, otherwise, method, headers, body }, textOf(body))
      })
    } else otherwise(request, response)
  }

  /** What was found out about a request before it was handed on. */
  begun(request: IncomingMessage): Begun | undefined {
    return this.#begun.get(request)
  }

  #answer(exchange: Exchange, text: string): void {
    const { graphql, authentication, requestIdOf } = this.#options
    const { method, headers } = exchange
    const viewer = authentication.known(headers.authorization || undefined)
    if (viewer === undefined) {
      this.#handOn(exchange)
      return
    }
    const raw = rawRequestOf(method, headers, viewer, text)
    const sessionToken = tokenOf(headers.sessionToken, headers.cookie)
    const requestId = requestIdOf(headers.requestId)
    const answer = graphql.atHand(raw, sessionToken)
    const representation = answer && this.#options.encoder.ready(answer.response.bytes, headers.acceptEncoding)
    if (answer && representation) {
      const pairs = hitHeaders(answer.response, this.#options.now(), 'L1')
      pairs.push('content-type', answer.known.contentType)
      send(exchange, 200, pairs, representation, requestId)
      graphql.sent(answer)
      return
    }
    const recalling = graphql.recall(raw, { viewer, sessionToken, requestId })
    if (recalling) void this.#sendRecalled(exchange, recalling, requestId)
    else this.#handOn(exchange)
  }

  async #sendRecalled(exchange: Exchange, recalling: Promise<Recalled>, requestId: string): Promise<void> {
    const recalled = await recalling
    const { status, headers, body } = recalled.response ?? {}
    if (!(status && headers && body instanceof Uint8Array) || this.#stopped) {
      this.#handOn(exchange, { recalled, requestId })
      return
    }
    const representation = await this.#options.encoder.represent(body, exchange.headers.acceptEncoding)
    send(exchange, status, [...headers].flat(), representation, requestId)
  }

  #handOn({ request, response, otherwise, body }: Exchange, recalled?: Pick<Begun, 'recalled' | 'requestId'>): void {
    this.#begun.set(request, { body, ...recalled })
    otherwise(request, response)
  }
}

function isShort(bytes: number): boolean {
  return bytes >= 1 && bytes <= LARGEST_BODY_BYTES
}

function send({ method, headers, response }: Exchange, status: number, pairs: string[], representation: Representation, requestId: string) {
  const { coding, bytes, text, entityTag } = representation
  pairs.push('x-request-id', requestId)
  const hasTag = isStorable(method, status, pairs[pairs.indexOf('cache-control') + 1])
  if (hasTag) pairs.push('etag', entityTag)
  if (hasTag && isKnown(headers.ifNoneMatch, entityTag)) {
    response.writeHead(304, withoutType(pairs)).end()
    return
  }
  pairs.push('content-length', String(bytes.byteLength))
  if (coding !== 'identity') pairs.push('content-encoding', coding)
  response.writeHead(status, pairs)
  if (text === undefined) response.end(bytes)
  else response.end(text, 'latin1')
}

/** What is not sent has no type. */
function withoutType(pairs: string[]): string[] {
  const at = pairs.indexOf('content-type')
  pairs.splice(at, 2)
  return pairs
}
