import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ownerOf } from '../../budgets/fair-store.ts'
import type { AnswerAtHand, GraphQLEndpoint, KnownOperation } from '../../graphql/endpoint/endpoint.ts'
import type { Authentication, RememberedCaller } from '../../identity/authentication.ts'
import type { Principal } from '../../identity/principal.ts'
import type { ContentEncoder, Representation } from '../../responses/content-encoder.ts'
import type { StoredResponse } from '../../responses/stored-response.ts'
import type { Addressed } from '../caller.ts'
import type { Connections } from '../connections.ts'
import type { RequestIdOf } from '../request-id.ts'
import { headFor, type PreparedHeads, type ResponseHead, type ResponseHeads } from '../response-head.ts'
import { Boundary } from './boundary.ts'
import { type KnownRequest, KnownRequests } from './known-requests.ts'
import { Outbox } from './outbox.ts'
import { MAX_RESPONSE_BYTES, ResponseBuffer, sizeOf } from './response-buffer.ts'

export interface RecogniserOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'again' | 'sent'>
  readonly authentication: Pick<Authentication, 'remembered'>
  /** Counts a request against its caller's budget without waiting; returns false if it could not. Default: no request is counted. */
  readonly tryCount?: ((viewer: Principal | null, request: Addressed) => boolean) | undefined
  readonly encoder: ContentEncoder
  readonly heads: ResponseHeads
  readonly requestIdOf: RequestIdOf
  /** Maximum estimated size of all remembered requests, bytes. */
  readonly memoryBytes: number
  /** Time after which a client that reads none of its response is disconnected, ms. */
  readonly timeoutMs: number
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
  /** Called for each response that is sent to a recognised request. */
  readonly onRecognised: () => void
}

/** Parts of a request of which a repetition was answered from memory. All are texts as sent; an empty text stands for a missing field. */
export interface RequestParts {
  readonly method: string
  readonly authorization: string
  readonly viewer: Principal | null
  readonly sessionToken: string | undefined
  readonly acceptEncoding: string
  readonly ifNoneMatch: string
  readonly requestId: string
  readonly operation: KnownOperation
}

/** A request that is known by its bytes. */
interface Known extends RequestParts {
  /** Header fields by which proxies tell the address of the client. */
  readonly proxyFields: Addressed['headers']
  /** The caller, while its token is remembered. */
  caller?: RememberedCaller
  /**
   * The response that was sent last, and the form in which it was sent. The references are weak, because the size of the response counts
   * where it is cached, and it is to leave the memory from there.
   */
  response?: WeakRef<StoredResponse>
  representation?: WeakRef<Representation>
  heads?: PreparedHeads
}

/** A connection on which requests are recognised. */
interface Line {
  readonly socket: Socket
  /** The request that was recognised last. The reference is weak, because the known requests have a maximum size. */
  last: WeakRef<KnownRequest<Known>> | undefined
  /** Whether the response to it has not been written yet. */
  isWaiting: boolean
}

/** A response that will be written at the end of the turn. */
interface Written {
  readonly line: Line
  readonly head: ResponseHead
  readonly id: string
  readonly representation: Representation
  readonly answer: AnswerAtHand
  readonly startedAt: number
}

/** Makes the recogniser look up the next request, because a newer one of the same bytes may be known by then. Returns false. */
function forget(line: Line): false {
  line.last = undefined
  return false
}

/** Size of a known request with its operation and its prepared heads, without what grows with the client's input, bytes. */
const BYTES_PER_REQUEST = 4000
/** The bytes of a request are kept as a buffer, and their header fields and variables also as values. */
const BYTES_PER_BYTE = 4

/**
 * Answers repeated requests before HTTP is parsed. Bytes that node:http once parsed as exactly one request are parsed so again, if they begin
 * at the boundary of two requests ({@link Boundary}). So the operation and the header fields of such a request are known from its bytes.
 * Everything that may change between two requests is checked each time: the token's standing, the budget of the caller, the consistency
 * token, and whether the response in memory is fresh. Whatever is missing, the bytes go to node:http.
 */
export class Recogniser {
  readonly #options: RecogniserOptions
  readonly #connections: Connections
  readonly #boundaries = new WeakMap<Socket, Boundary>()
  readonly #known: KnownRequests<Known>
  readonly #buffer = new ResponseBuffer()
  readonly #outbox = new Outbox<Written>((responses) => this.#write(responses))
  #stopped = false

  constructor(server: Server, connections: Connections, options: RecogniserOptions) {
    this.#options = options
    this.#connections = connections
    this.#known = new KnownRequests({
      maxBytes: options.memoryBytes,
      bytesOf: (_, chunk) => BYTES_PER_REQUEST + BYTES_PER_BYTE * chunk.length,
    })
    server.on('connection', (socket: Socket) => {
      const line: Line = { socket, last: undefined, isWaiting: false }
      const boundary = Boundary.follow(socket, (chunk) => this.#recognise(line, chunk))
      if (!boundary) return
      this.#boundaries.set(socket, boundary)
      // node:http ends its side of the connection when the client has ended its own, unless it knows of an open response.
      socket.prependOnceListener('end', () => this.#outbox.flush())
    })
  }

  /** Passes all later requests to node:http. */
  stop(): void {
    this.#stopped = true
    this.#outbox.flush()
  }

  /** Must be called for each request that node:http reports. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#boundaries.get(request.socket)?.begin(request, response)
  }

  /** Remembers a request that was answered from memory, if its bytes are one whole request. */
  remember(request: IncomingMessage, parts: RequestParts): void {
    this.#boundaries.get(request.socket)?.whenWhole(request, (chunk) => {
      const { 'x-forwarded-for': forwarded } = request.headers
      const proxyFields = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
      this.#known.add(chunk, ownerOf(parts.viewer), () => ({ ...parts, proxyFields }))
    })
  }

  #recognise(line: Line, chunk: Buffer): boolean {
    const { socket } = line
    // Responses are sent in the order of the requests.
    if (line.isWaiting) this.#outbox.flush()
    if (this.#stopped || !socket.writable) return false
    const last = line.last?.deref()
    const found = this.#known.find(chunk, last)
    if (!found) return false
    if (socket.writableLength > 0) {
      // The client has not yet read an earlier response. Only node:http waits for such a client in the right way.
      this.#boundaries.get(socket)?.end()
      this.#boundaries.delete(socket)
      return false
    }
    const { graphql, tryCount, requestIdOf, monotonic } = this.#options
    const { known } = found
    const startedAt = monotonic()
    if (!this.#isSameCaller(known)) return forget(line)
    const answer = graphql.again(known.operation, known.sessionToken)
    const representation = answer && this.#prepare(known, answer)
    if (!representation || !known.heads) return forget(line)
    if (found !== last) line.last = new WeakRef(found)
    const head = headFor(known.heads, representation, known.ifNoneMatch)
    const id = requestIdOf(known.requestId)
    if (head.status === 200 && sizeOf(head.text, id, representation) > MAX_RESPONSE_BYTES) return false
    if (tryCount && !tryCount(known.viewer, { socket, headers: known.proxyFields })) return false
    this.#connections.used(socket)
    line.isWaiting = true
    this.#outbox.add({ line, head, id, representation, answer, startedAt })
    return true
  }

  #isSameCaller(known: Known): boolean {
    if (known.caller?.principal() === known.viewer) return true
    const caller = this.#options.authentication.remembered(known.authorization || undefined)
    if (caller?.principal() !== known.viewer) return false
    known.caller = caller
    return true
  }

  #write(responses: readonly Written[]): void {
    const { graphql, onRecognised, monotonic, timeoutMs } = this.#options
    const now = monotonic()
    for (const { line, head, id, representation, answer, startedAt } of responses) {
      const { socket } = line
      line.isWaiting = false
      if (!socket.writable) continue
      this.#buffer.send(socket, head.text, id, head.status === 304 ? undefined : representation)
      // A client that reads nothing of its response is disconnected after this time, as one of node:http is.
      if (socket.writableLength > 0) socket.setTimeout(timeoutMs)
      onRecognised()
      graphql.sent(answer, head.status, now - startedAt)
    }
  }

  /** Prepares the heads of a response, if they are not prepared yet. Returns its representation; undefined if it cannot be sent at once. */
  #prepare(known: Known, { response, now }: AnswerAtHand): Representation | undefined {
    const { encoder, heads } = this.#options
    const isSame = known.response?.deref() === response
    const prepared = isSame && known.heads && now >= known.heads.from && now < known.heads.until ? known.representation?.deref() : undefined
    if (prepared) return prepared
    const representation = encoder.ready(response.bytes, known.acceptEncoding)
    if (!representation) return undefined
    if (!isSame) known.response = new WeakRef(response)
    known.representation = new WeakRef(representation)
    known.heads = heads.prepared({ known: known.operation, response }, representation, known.method, now)
    return representation
  }
}
