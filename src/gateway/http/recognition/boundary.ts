import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Reading } from './reading.ts'

/**
 * A connection is followed as long as about one in five of its requests is recognised, and in any case for this number of requests. To follow
 * it costs each other request a seventh of its time, and spares a recognised one more than half of it.
 */
const CREDIT = 100
/** Credit that a recognised request adds. Any other one takes 1. */
const EARNED = 4

/** Bytes of the empty line that ends the header section of a request. */
const END_OF_HEADER = Buffer.from('\r\n\r\n')

/**
 * Follows one connection, and knows when the next chunk of bytes begins at the boundary of two requests. This cannot be seen from a chunk
 * alone: bytes that look like a request may be a part of the previous request's header or body. So a connection is at a boundary only by
 * proof: since its start, node:http made exactly one whole request of each chunk. After any other chunk, and if its requests do not repeat, the
 * connection is not followed any more, and node:http gets all its bytes directly.
 */
export class Boundary {
  readonly #reading: Reading
  readonly #recognise: (chunk: Buffer) => boolean
  #isFollowed = true
  #credit = CREDIT
  /** Number of requests that node:http has made of the current chunk. */
  #requests = 0
  #chunk: Buffer | undefined
  #request: IncomingMessage | undefined
  #response: ServerResponse | undefined
  /** Called with the current chunk as soon as it is proved to be one whole request. */
  #whenWhole: ((chunk: Buffer) => void) | undefined

  /**
   * Starts to follow a new connection.
   * @param recognise Answers a chunk that begins at a boundary, without node:http. Returns false if it cannot.
   * @returns undefined if the connection cannot be followed, because node:http does not read it as expected.
   */
  static follow(socket: Socket, recognise: (chunk: Buffer) => boolean): Boundary | undefined {
    const reading = Reading.of(socket)
    return reading && new Boundary(reading, recognise)
  }

  private constructor(reading: Reading, recognise: (chunk: Buffer) => boolean) {
    this.#reading = reading
    this.#recognise = recognise
    reading.take((chunk) => this.#receive(chunk))
  }

  /** Must be called for each request of the connection when node:http reports it. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isFollowed) return
    this.#requests++
    this.#request = request
    this.#response = response
  }

  /**
   * Calls back with the bytes of a request, immediately or when they are proved to be one whole request. Never calls back for other bytes.
   * Call it before the connection's next chunk arrives.
   */
  whenWhole(request: IncomingMessage, done: (chunk: Buffer) => void): void {
    if (this.#request !== request) return
    if (this.#chunk) done(this.#chunk)
    else this.#whenWhole = done
  }

  #receive(chunk: Buffer): void {
    const { writableFinished = false } = this.#response ?? {}
    // The first request goes to node:http, because its time limits for a header count from the connection's start until then. A request
    // that follows an unanswered one goes to node:http, because responses are sent in the order of the requests.
    if (writableFinished) {
      if (this.#recognise(chunk)) {
        this.#credit = Math.min(this.#credit + EARNED, CREDIT)
        return
      }
      if (this.#isFollowed && --this.#credit <= 0) {
        this.#forget()
        this.#reading.giveBack()
        this.#reading.parse(chunk)
        return
      }
    }
    this.#requests = 0
    this.#chunk = undefined
    this.#whenWhole = undefined
    this.#reading.parse(chunk)
    if (this.#requests === 1 && this.#request && isWhole(chunk, this.#request)) {
      this.#chunk = chunk
      ;(this.#whenWhole as ((chunk: Buffer) => void) | undefined)?.(chunk)
      this.#whenWhole = undefined
    } else this.end()
  }

  /** Stops following the connection, for ever. */
  end(): void {
    // Twice would make node:http parse each chunk twice.
    if (!this.#isFollowed) return
    this.#forget()
    this.#reading.giveUp()
  }

  #forget(): void {
    this.#isFollowed = false
    this.#chunk = undefined
    this.#request = undefined
    this.#response = undefined
    this.#whenWhole = undefined
  }
}

/** Tells whether a chunk consists of exactly this request, which must be one after which the connection stays as it is. */
function isWhole(chunk: Buffer, request: IncomingMessage): boolean {
  const { headers } = request
  if (!request.complete || request.httpVersion !== '1.1' || headers['transfer-encoding'] !== undefined) return false
  if (headers.expect !== undefined || headers.upgrade !== undefined || !keepsAlive(headers.connection)) return false
  const head = chunk.indexOf(END_OF_HEADER)
  return head >= 0 && head + END_OF_HEADER.length + Number(headers['content-length'] ?? 0) === chunk.length
}

function keepsAlive(connection: string | undefined): boolean {
  return connection === undefined || connection.toLowerCase() === 'keep-alive'
}
