import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLEndpoint, Recalled } from '../graphql/endpoint.ts'
import type { ContentEncoder, Representation } from '../responses/content-encoder.ts'
import type { Authentication } from './authentication.ts'
import type { Principal } from './claims.ts'
import { tokensOf } from './consistency-token.ts'
import { isKnown, isStorable } from './entity-tag.ts'
import { rawRequestOf } from './raw-request.ts'
import type { RequestIdOf } from './request-id.ts'
import { type ResponseHeads, writeResponseHead } from './response-head.ts'
import { TurnQueue } from './turn-queue.ts'
import { readUsualHeaders, type UsualHeaders } from './usual-headers.ts'

export interface FastPathOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'atHand' | 'recall' | 'sent' | 'now'>
  readonly authentication: Pick<Authentication, 'known'>
  /** Counts a request of a caller; false where that takes longer, or the caller has sent too many. Default: no request is counted. */
  readonly countAtHand?: ((viewer: Principal | null, request: IncomingMessage) => boolean) | undefined
  readonly encoder: ContentEncoder
  readonly heads: ResponseHeads
  readonly requestIdOf: RequestIdOf
  /** A clock that never goes back, ms. */
  readonly monotonic: () => number
  /** Told of each answer that was neither at hand nor handed on. */
  readonly onResponse: (status: number) => void
}

/** What the framework need not do again. */
export interface Begun {
  readonly body?: Buffer | undefined
  readonly recalled?: Recalled
  readonly requestId?: string
  /** Whether the request is counted in the budget of its caller. */
  readonly isCounted?: boolean
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly otherwise: Otherwise
  readonly method: string
  readonly headers: UsualHeaders
  readonly body: Buffer | undefined
  /** By the clock that never goes back, ms. */
  readonly startedAt: number
}

type Otherwise = (request: IncomingMessage, response: ServerResponse) => void

/** Larger ones, and those without, are left to the framework, which counts the bytes. */
const LARGEST_BODY_BYTES = 65_536
/** Requests that are handed on in one turn of the event loop. Each takes it about half a millisecond, for which answers at hand wait. */
const HANDED_ON_PER_TURN = 2

/**
 * Bytes in, bytes out: answers a request that came before from the response tier, before any framework or parser sees it. Whatever
 * is unusual about a request (a page of another origin, directives, debugging, an unknown token) leaves it to the framework.
 */
export class FastPath {
  readonly #options: FastPathOptions
  readonly #begun = new WeakMap<IncomingMessage, Begun>()
  readonly #turns = new TurnQueue(HANDED_ON_PER_TURN)
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
    if (url !== '/graphql' && !url.startsWith('/graphql?')) {
      otherwise(request, response)
      return
    }
    const headers = this.#stopped ? undefined : readUsualHeaders(request.rawHeaders)
    const startedAt = this.#options.monotonic()
    if (headers && method === 'GET') this.#answer({ request, response, otherwise, method, headers, body: undefined, startedAt }, url)
    else if (headers && method === 'POST' && isShort(Number(headers.contentLength)))
      readBody(request, Number(headers.contentLength), (body) =>
        this.#answer({ request, response, otherwise, method, headers, body, startedAt }, body),
      )
    else this.#turns.add(() => otherwise(request, response))
  }

  /** What was found out about a request before it was handed on. */
  begun(request: IncomingMessage): Begun | undefined {
    return this.#begun.get(request)
  }

  #answer(exchange: Exchange, text: Buffer | string): void {
    const { graphql, authentication, encoder, heads, requestIdOf, countAtHand } = this.#options
    const { method, headers, response, request } = exchange
    const viewer = authentication.known(headers.authorization || undefined)
    if (viewer === undefined) {
      this.#handOn(exchange)
      return
    }
    if (countAtHand && !countAtHand(viewer, request)) {
      this.#handOn(exchange)
      return
    }
    const raw = rawRequestOf(method, headers, viewer, text)
    const sessionToken = tokensOf(headers.sessionToken, headers.cookie)
    const requestId = requestIdOf(headers.requestId)
    const answer = graphql.atHand(raw, sessionToken)
    const representation = answer && encoder.ready(answer.response.bytes, headers.acceptEncoding)
    if (answer && representation) {
      const head = heads.of(answer, representation, method, headers.ifNoneMatch, graphql.now())
      writeResponseHead(response, head, requestId)
      if (head.status === 304) response.end()
      else endWith(response, representation)
      graphql.sent(answer, head.status, this.#options.monotonic() - exchange.startedAt)
      return
    }
    const recalling = graphql.recall(raw, { viewer, sessionToken, requestId })
    if (recalling) void this.#sendRecalled(exchange, recalling, requestId)
    else this.#handOn(exchange, { isCounted: true })
  }

  async #sendRecalled(exchange: Exchange, recalling: Promise<Recalled>, requestId: string): Promise<void> {
    const recalled = await recalling
    const { status, headers, body } = recalled.response ?? {}
    if (!(status && headers && body instanceof Uint8Array) || this.#stopped) {
      this.#handOn(exchange, { recalled, requestId, isCounted: true })
      return
    }
    const { encoder } = this.#options
    const { acceptEncoding } = exchange.headers
    const representation = encoder.ready(body, acceptEncoding) ?? (await encoder.represent(body, acceptEncoding))
    this.#options.onResponse(send(exchange, status, [...headers].flat(), representation, requestId))
  }

  #handOn({ request, response, otherwise, body }: Exchange, known?: Omit<Begun, 'body'>): void {
    this.#begun.set(request, { body, ...known })
    this.#turns.add(() => otherwise(request, response))
  }
}

function isShort(bytes: number): boolean {
  return bytes >= 1 && bytes <= LARGEST_BODY_BYTES
}

/** Calls back when the last byte is there, which is before the stream ends. */
function readBody(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let missing = length
  request.on('data', (chunk: Buffer) => {
    missing -= chunk.length
    if (missing > 0) chunks.push(chunk)
    else done(chunks.length === 0 ? chunk : Buffer.concat([...chunks, chunk]))
  })
}

/** @returns the status that was sent. */
function send(
  { method, headers, response }: Exchange,
  status: number,
  pairs: string[],
  representation: Representation,
  requestId: string,
): number {
  const { coding, bytes } = representation
  pairs.push('x-request-id', requestId, 'x-content-type-options', 'nosniff')
  const hasTag = isStorable(method, status, pairs[pairs.indexOf('cache-control') + 1])
  if (hasTag) pairs.push('etag', representation.entityTag)
  if (hasTag && isKnown(headers.ifNoneMatch, representation.entityTag)) {
    response.writeHead(304, withoutType(pairs)).end()
    return 304
  }
  pairs.push('content-length', String(bytes.byteLength))
  if (coding !== 'identity') pairs.push('content-encoding', coding)
  response.writeHead(status, pairs)
  endWith(response, representation)
  return status
}

function endWith(response: ServerResponse, { bytes, text }: Representation): void {
  if (text === undefined) response.end(bytes)
  else response.end(text, 'latin1')
}

/** What is not sent has no type. */
function withoutType(pairs: string[]): string[] {
  const at = pairs.indexOf('content-type')
  pairs.splice(at, 2)
  return pairs
}
