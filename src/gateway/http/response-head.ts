import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Representation } from '../responses/content-encoder.ts'
import { hitHeaders, hitHeadersUntil, type StoredResponse } from '../responses/stored-response.ts'
import { isKnown, isStorable } from './entity-tag.ts'

/** Properties of a repeated request that determine the head of its response. */
interface Known {
  readonly contentType: string
}

interface Answer {
  readonly known: Known
  readonly response: StoredResponse
}

/** Status line and header fields of a response, except the request id. */
export interface ResponseHead {
  readonly status: 200 | 304
  /** Header fields, in which names (in lower case) and values alternate. */
  readonly fields: readonly string[]
  /** The whole head as HTTP/1.1 text. The text ends before the value of the last field, which is the request id. */
  readonly text: string
}

// Undocumented, see docs/internals.md: `ServerResponse._header`
/** A response with the private field `_header`, in which node:http keeps the head as text. */
type PreparedResponse = ServerResponse & { _header: string }

/**
 * The heads for one cached response, with status 200 and 304. They are valid as long as the age, the ttl and the date in them stay the
 * same.
 */
export interface PreparedHeads {
  /** Time from which these heads are valid, Unix epoch ms. */
  readonly from: number
  /** Time until which these heads are valid, exclusive, Unix epoch ms. */
  readonly until: number
  readonly whole: ResponseHead
  /** Head with status 304 for a client that already has the bytes; undefined if the response has no ETag. */
  readonly notModified: ResponseHead | undefined
}

/**
 * Prepares the heads of cached responses. A head changes at most once per second. A prepared head stays in memory until the bytes of its
 * response body leave the memory.
 */
export class ResponseHeads {
  /**
   * Prepared heads, by the response body in one content coding. The key of the inner map is the content type. For GET, the key also
   * contains the method.
   */
  readonly #prepared = new WeakMap<Representation, Map<string, PreparedHeads>>()
  readonly #keepAliveSeconds: number

  constructor(keepAliveMs: number) {
    this.#keepAliveSeconds = Math.floor(keepAliveMs / 1000)
  }

  /** Returns the heads that are valid now for a response. @param now Current time, Unix epoch ms. */
  prepared(answer: Answer, representation: Representation, method: string, now: number): PreparedHeads {
    let ofRepresentation = this.#prepared.get(representation)
    if (!ofRepresentation) {
      ofRepresentation = new Map()
      this.#prepared.set(representation, ofRepresentation)
    }
    const kind = method === 'GET' ? `GET ${answer.known.contentType}` : answer.known.contentType
    let prepared = ofRepresentation.get(kind)
    if (!prepared || now < prepared.from || now >= prepared.until) {
      prepared = this.#prepare(answer, representation, method, now)
      ofRepresentation.set(kind, prepared)
    }
    return prepared
  }

  #prepare({ known, response }: Answer, representation: Representation, method: string, now: number): PreparedHeads {
    const { coding, bytes } = representation
    const fields = [...hitHeaders(response, now, 'L1'), 'x-content-type-options', 'nosniff']
    const hasTag = isStorable(method, 200, fields[fields.indexOf('cache-control') + 1])
    if (hasTag) fields.push('etag', representation.entityTag)
    const ofBody = ['content-type', known.contentType, 'content-length', String(bytes.byteLength)]
    if (coding !== 'identity') ofBody.push('content-encoding', coding)
    return {
      from: now,
      until: Math.min(hitHeadersUntil(response, now), now - (now % 1000) + 1000),
      whole: this.#head(200, [...fields, ...ofBody], now),
      notModified: hasTag ? this.#head(304, fields, now) : undefined,
    }
  }

  #head(status: 200 | 304, fields: readonly string[], now: number): ResponseHead {
    const connection = ['Date', new Date(now).toUTCString(), 'Connection', 'keep-alive', 'Keep-Alive', `timeout=${this.#keepAliveSeconds}`]
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...linesOf(fields), ...linesOf(connection)]
    return { status, fields, text: `${lines.join('\r\n')}\r\nx-request-id: ` }
  }
}

/** Returns the head for a request with this field `If-None-Match`, which is an empty text if it was not sent. */
export function headFor({ notModified, whole }: PreparedHeads, representation: Representation, ifNoneMatch: string): ResponseHead {
  return notModified && ifNoneMatch !== '' && isKnown(ifNoneMatch, representation.entityTag) ? notModified : whole
}

/**
 * Writes a prepared head to a response. For each response, node:http would validate each field again, which takes longer than all other
 * work for a response from memory. So a head that was validated when it was prepared is set through a private field of node:http. The
 * public method is used if this field has no effect, or if the connection ends with this response.
 */
export function writeResponseHead(response: ServerResponse, { status, fields, text }: ResponseHead, requestId: string): void {
  // Undocumented, see docs/internals.md: `ServerResponse.shouldKeepAlive`
  if (response.shouldKeepAlive) {
    response.statusCode = status
    ;(response as PreparedResponse)._header = `${text}${requestId}\r\n\r\n`
    if (response.headersSent) return
  }
  response.writeHead(status, [...fields, 'x-request-id', requestId])
}

function linesOf(fields: readonly string[]): string[] {
  const lines: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = fields.slice(index, index + 2)
    validateHeaderName(name)
    validateHeaderValue(name, value)
    lines.push(`${name}: ${value}`)
  }
  return lines
}
