import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Representation } from '../responses/content-encoder.ts'
import { hitHeaders, hitHeadersUntil, type StoredResponse } from '../responses/stored-response.ts'
import { isKnown, isStorable } from './entity-tag.ts'

/** What an answer is told by from one request to the next. */
interface Known {
  readonly contentType: string
}

interface Answer {
  readonly known: Known
  readonly response: StoredResponse
}

/** Status line and header fields of an answer, but for the request's own id. */
export interface ResponseHead {
  readonly status: 200 | 304
  /** Names, in lower case, and values in turn. */
  readonly fields: readonly string[]
  /** The same as it is sent, up to the value of the last field, which is the request's id. */
  readonly text: string
}

/** What node:http keeps an answer's head in, once it has made it. */
type PreparedResponse = ServerResponse & { _header: string }

/** The heads of one answer while it, its age and the date stay the same. */
interface Prepared {
  /** Unix epoch, ms. */
  readonly from: number
  /** Unix epoch, ms: the first moment of another head. */
  readonly until: number
  readonly whole: ResponseHead
  /** For one who has the bytes already. */
  readonly notModified: ResponseHead | undefined
}

/** The heads of answers at hand, which change by the second only. They live as long as the bytes that they were made for. */
export class ResponseHeads {
  /** By what is sent, then by what else the head depends on. */
  readonly #prepared = new WeakMap<Representation, Map<string, Prepared>>()
  readonly #keepAliveSeconds: number

  constructor(keepAliveMs: number) {
    this.#keepAliveSeconds = Math.floor(keepAliveMs / 1000)
  }

  /** @param now Unix epoch, ms. */
  of(answer: Answer, representation: Representation, method: string, ifNoneMatch: string | undefined, now: number): ResponseHead {
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
    const { notModified, whole } = prepared
    return notModified && isKnown(ifNoneMatch, representation.entityTag) ? notModified : whole
  }

  #prepare({ known, response }: Answer, representation: Representation, method: string, now: number): Prepared {
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

/**
 * Gives the answer its head. node:http checks each field of each answer anew, which takes longer than all else that is done for an
 * answer at hand; what was checked when it was prepared goes out as it is. Where node:http does not take a ready head, or the
 * connection ends with this answer, it makes one of the fields.
 */
export function writeResponseHead(response: ServerResponse, { status, fields, text }: ResponseHead, requestId: string): void {
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
