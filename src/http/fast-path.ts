import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLEndpoint } from '../graphql/endpoint.ts'
import type { ContentEncoder, Representation } from '../responses/content-encoder.ts'
import { hitHeaders } from '../responses/stored-response.ts'
import type { Authentication } from './authentication.ts'
import { tokenOf } from './consistency-token.ts'
import { isKnown } from './entity-tag.ts'
import { rawRequestOf, searchOf, textOf } from './raw-request.ts'
import { requestIdOf } from './request-id.ts'

export interface FastPathOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'atHand' | 'sent'>
  readonly authentication: Pick<Authentication, 'known'>
  readonly encoder: ContentEncoder
  /** Unix epoch, ms. */
  readonly now: () => number
}

type Otherwise = (request: IncomingMessage, response: ServerResponse) => void

/** Larger ones are read by the framework, which counts them. */
const LARGEST_BODY_BYTES = 65_536

/**
 * Bytes in, bytes out: answers a request that came before from the response tier, before any framework or parser sees it. Whatever
 * is unusual about a request (a page of another origin, directives, debugging, an unknown token) leaves it to the framework.
 */
export class FastPath {
  readonly #options: FastPathOptions
  readonly #bodies = new WeakMap<IncomingMessage, Buffer>()
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
    const { method, url = '' } = request
    if (this.#stopped || !(url === '/graphql' || url.startsWith('/graphql?')) || !isUsual(request)) otherwise(request, response)
    else if (method === 'GET') {
      if (!this.#answer(request, response, searchOf(url))) otherwise(request, response)
    } else if (method === 'POST' && Number(request.headers['content-length']) <= LARGEST_BODY_BYTES) {
      this.#read(request, (body) => {
        if (this.#answer(request, response, textOf(body))) return
        this.#bodies.set(request, body)
        otherwise(request, response)
      })
    } else otherwise(request, response)
  }

  /** The body of a request that was handed on, where it was read here. */
  bodyOf(request: IncomingMessage): Buffer | undefined {
    return this.#bodies.get(request)
  }

  #read(request: IncomingMessage, done: (body: Buffer) => void): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  }

  #answer(request: IncomingMessage, response: ServerResponse, text: string): boolean {
    const { graphql, authentication, encoder, now } = this.#options
    const { headers, method = '' } = request
    const principal = authentication.known(headers.authorization)
    if (principal === undefined) return false
    const answer = graphql.atHand(rawRequestOf(method, headers, principal, text), tokenOf(headers))
    const representation = answer && encoder.ready(answer.response.bytes, headers['accept-encoding'])
    if (!answer || !representation) return false
    const requestId = requestIdOf(headers['x-request-id'])
    const pairs = hitHeaders(answer.response, now(), 'L1')
    pairs.push('x-request-id', requestId)
    if (method === 'GET') pairs.push('etag', representation.entityTag)
    if (method === 'GET' && isKnown(headers['if-none-match'], representation.entityTag)) response.writeHead(304, pairs).end()
    else response.writeHead(200, withBody(pairs, answer.known.contentType, representation)).end(representation.bytes)
    graphql.sent(answer)
    return true
  }
}

function withBody(pairs: string[], contentType: string, { coding, bytes }: Representation): string[] {
  pairs.push('content-type', contentType, 'content-length', String(bytes.byteLength))
  if (coding !== 'identity') pairs.push('content-encoding', coding)
  return pairs
}

function isUsual({ headers }: IncomingMessage): boolean {
  return (
    headers.origin === undefined &&
    headers['cache-control'] === undefined &&
    headers['x-cache-debug'] === undefined &&
    headers['apollo-cache-debugging'] === undefined &&
    headers.expect === undefined
  )
}
