import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLEndpoint, Recalled } from '../graphql/endpoint/endpoint.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { Principal } from '../identity/principal.ts'
import type { ContentEncoder, Representation } from '../responses/content-encoder.ts'
import { clientGone } from './client-gone.ts'
import { tokensOf } from './consistency-token.ts'
import { isKnown, isStorable } from './entity-tag.ts'
import { rawRequestOf } from './raw-request.ts'
import type { RequestParts } from './recognition/recogniser.ts'
import type { RequestIdOf } from './request-id.ts'
import type { RequestObserver } from './request-observer.ts'
import { headFor, type ResponseHeads, writeResponseHead } from './response-head.ts'
import { TurnQueue } from './turn-queue.ts'
import { readUsualHeaders, type UsualHeaders } from './usual-headers.ts'

export interface FastPathOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'find' | 'again' | 'recall' | 'sent' | 'now'>
  readonly authentication: Pick<Authentication, 'remembered'>
  /**
   * Counts a request against its caller's budget without waiting. Returns false if the request was not counted. The framework then counts
   * the request, and may have to wait for the counts that all processes share. Default: no request is counted.
   */
  readonly tryCount?: ((viewer: Principal | null, request: IncomingMessage) => boolean) | undefined
  readonly encoder: ContentEncoder
  readonly heads: ResponseHeads
  readonly requestIdOf: RequestIdOf
  /** Maximum size of a body, bytes. */
  readonly bodyLimitBytes: number
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
  /**
   * Called with the status of each response that the fast path sends, except responses from memory, which are reported to `graphql.sent`.
   */
  readonly onResponse: (status: number) => void
  readonly observer?: RequestObserver | undefined
  /** Called with each request that was answered from memory and whose connection is kept. Default: nothing. */
  readonly remember?: ((request: IncomingMessage, parts: RequestParts) => void) | undefined
}

/**
 * Results of the work that the fast path already did for a request before it passed the request to the HTTP framework. The handlers of the
 * framework use these results and do not repeat the work.
 */
export interface Begun {
  readonly body?: Buffer | undefined
  readonly recalled?: Recalled
  readonly requestId?: string
  /** Whether the request is counted in the budget of its caller. */
  readonly isCounted?: boolean
  /** Aborts when the client is gone. The framework's handlers use the same signal, because a second signal would probe the client twice. */
  readonly signal?: AbortSignal
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly otherwise: Otherwise
  readonly method: string
  readonly headers: UsualHeaders
  readonly body: Buffer | undefined
  /** Time at which the request arrived, by the monotonic clock, ms. */
  readonly startedAt: number
}

type Otherwise = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Maximum size of a body that the fast path reads, bytes, unless the limit for all bodies is lower. Larger bodies, and bodies without a
 * Content-Length, are read by the framework, which refuses those above the limit.
 */
const MAX_BODY_BYTES = 65_536
/**
 * Limit of the work that is started in one turn of the event loop, and the weights of a request that the framework gets, and of a query that
 * does not need the framework. A weight of 1 blocks the event loop for about an eighth of a millisecond. During that time, requests whose
 * response is in memory must wait.
 */
const WORK_PER_TURN = 8
const HANDED_ON = 4
const QUERIED = 1

/**
 * Answers a repeated request from the response tier, without the HTTP framework and without a JSON or GraphQL parser. Answers a query whose
 * document was sent before, and whose response is cached as a whole, without the HTTP framework and without Apollo Server. Passes every other request to the framework. Examples are a
 * request with a new document, a mutation, a request with an Origin, cache directives or debugging, and a request whose token is not
 * verified yet.
 */
export class FastPath {
  readonly #options: FastPathOptions
  readonly #begun = new WeakMap<IncomingMessage, Begun>()
  readonly #turns = new TurnQueue(WORK_PER_TURN)
  #stopped = false

  constructor(options: FastPathOptions) {
    this.#options = options
  }

  /** Passes all later requests to the framework, which then tells each client that the connection will be closed. */
  stop(): void {
    this.#stopped = true
  }

  /** Answers the request, or else passes it to the framework by calling `otherwise`. */
  handle(request: IncomingMessage, response: ServerResponse, otherwise: Otherwise): void {
    const { method = '', url = '' } = request
    if (url !== '/graphql' && !url.startsWith('/graphql?')) {
      otherwise(request, response)
      return
    }
    const headers = this.#stopped ? undefined : readUsualHeaders(request.rawHeaders)
    const startedAt = this.#options.monotonic()
    if (headers && method === 'GET') this.#answer({ request, response, otherwise, method, headers, body: undefined, startedAt }, url)
    else if (headers && method === 'POST' && this.#isShort(Number(headers.contentLength)))
      readBody(request, Number(headers.contentLength), (body) =>
        this.#answer({ request, response, otherwise, method, headers, body, startedAt }, body),
      )
    else this.#turns.add(() => otherwise(request, response), HANDED_ON)
  }

  /**
   * Returns the results of the work that the fast path already did for a request before it passed the request to the framework; undefined
   * if it did none.
   */
  begun(request: IncomingMessage): Begun | undefined {
    return this.#begun.get(request)
  }

  #answer(exchange: Exchange, text: Buffer | string): void {
    this.#within(exchange, () => this.#tryAnswer(exchange, text))
  }

  #isShort(bytes: number): boolean {
    return bytes >= 1 && bytes <= Math.min(MAX_BODY_BYTES, this.#options.bodyLimitBytes)
  }

  #within({ request }: Exchange, work: () => void): void {
    const { observer } = this.#options
    if (observer) observer.within(request, work)
    else work()
  }

  #tryAnswer(exchange: Exchange, text: Buffer | string): void {
    const { graphql, authentication, encoder, heads, requestIdOf, tryCount } = this.#options
    const { method, headers, response, request } = exchange
    const viewer = authentication.remembered(headers.authorization || undefined)?.principal()
    if (viewer === undefined) {
      this.#handOn(exchange)
      return
    }
    if (tryCount && !tryCount(viewer, request)) {
      this.#handOn(exchange)
      return
    }
    const raw = rawRequestOf(method, headers, viewer, text)
    const sessionToken = tokensOf(headers.sessionToken, headers.cookie)
    const requestId = requestIdOf(headers.requestId)
    const known = graphql.find(raw)
    const answer = known && graphql.again(known, sessionToken)
    const representation = answer && encoder.ready(answer.response.bytes, headers.acceptEncoding)
    if (answer && representation) {
      const head = headFor(heads.prepared(answer, representation, method, graphql.now()), representation, headers.ifNoneMatch)
      writeResponseHead(response, head, requestId)
      if (head.status === 304) response.end()
      else endWith(response, representation)
      graphql.sent(answer, head.status, this.#options.monotonic() - exchange.startedAt)
      if (response.shouldKeepAlive) {
        const { authorization, acceptEncoding, ifNoneMatch, requestId: givenId } = headers
        const parts = {
          method,
          authorization,
          viewer,
          sessionToken,
          acceptEncoding,
          ifNoneMatch,
          requestId: givenId,
          operation: answer.known,
        }
        this.#options.remember?.(request, parts)
      }
      return
    }
    const signal = clientGone(response)
    const recall = (): boolean => {
      const recalling = this.#stopped ? undefined : graphql.recall(raw, known, { viewer, sessionToken, requestId, signal })
      if (recalling) void this.#sendRecalled(exchange, recalling, requestId, signal)
      return recalling !== undefined
    }
    const begun = { isCounted: true, signal }
    if (known) {
      if (!recall()) this.#handOn(exchange, begun)
      return
    }
    const query = () => {
      // The caller's standing may have changed while the request waited for its turn.
      const isSameCaller = authentication.remembered(headers.authorization || undefined)?.principal() === viewer
      if (!isSameCaller || !recall()) this.#handOn(exchange, begun, true)
    }
    this.#turns.add(() => this.#within(exchange, query), QUERIED)
  }

  async #sendRecalled(exchange: Exchange, recalling: Promise<Recalled>, requestId: string, signal: AbortSignal): Promise<void> {
    const recalled = await recalling
    const { status, headers, body } = recalled.response ?? {}
    if (!(status && headers && body instanceof Uint8Array) || this.#stopped) {
      this.#handOn(exchange, { recalled, requestId, isCounted: true, signal })
      return
    }
    const { encoder } = this.#options
    const { acceptEncoding } = exchange.headers
    const representation = encoder.ready(body, acceptEncoding) ?? (await encoder.represent(body, acceptEncoding))
    this.#options.onResponse(send(exchange, status, [...headers].flat(), representation, requestId))
  }

  /** @param hasWaited Whether the request has waited for its turn, so that it comes before those that wait now. */
  #handOn({ request, response, otherwise, body }: Exchange, known?: Omit<Begun, 'body'>, hasWaited = false): void {
    this.#begun.set(request, { body, ...known })
    this.#turns.add(() => otherwise(request, response), HANDED_ON, hasWaited)
  }
}

/** Calls back when the last byte of the body has arrived, which is earlier than the end of the stream. */
function readBody(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let missing = length
  request.on('data', (chunk: Buffer) => {
    missing -= chunk.length
    if (missing > 0) chunks.push(chunk)
    else done(chunks.length === 0 ? chunk : Buffer.concat([...chunks, chunk]))
  })
}

/** Sends a response. @returns the status that was sent, which is 304 if the client already has the bytes. */
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

/** Removes the field Content-Type, because a response with status 304 does not have it. */
function withoutType(pairs: string[]): string[] {
  const at = pairs.indexOf('content-type')
  pairs.splice(at, 2)
  return pairs
}
