import { FairStore, ownerOf } from '../budgets/fair-store.ts'

/** Parts of an HTTP request that determine its response. */
export interface RawRequest {
  readonly method: string
  /** Identity of the caller; null for an anonymous caller. */
  readonly caller: Caller | null
  readonly accept: string
  readonly contentType: string
  /** Whether a browser would have sent a CORS preflight request before this request. */
  readonly preflighted: boolean
  /** The body exactly as received; for a GET, the path with the query string. */
  readonly text: Uint8Array | string
}

export interface Caller {
  readonly tenant: string
  readonly role: string
  readonly userId: string
}

export interface RequestIndexOptions<Operation> {
  /** Maximum estimated size of all entries, bytes. An entry consists of a request and its parsed operation. */
  readonly maxBytes: number
  /** Estimates the part of an operation's size that grows with the client's input, bytes. */
  readonly bytesOf?: (operation: Operation) => number
}

interface Known<Operation> {
  readonly request: RawRequest
  readonly operation: Operation
}

const MAX_TEXT_LENGTH = 16_384
/**
 * Maximum length of the headers `Accept` and `Content-Type` together, characters. Usual clients send shorter headers; a request with longer
 * ones is not remembered.
 */
const MAX_HEADERS_LENGTH = 1024
/** Size of an operation without the client's input, bytes (measured). */
const BYTES_PER_OPERATION = 1500
/** Offset basis and prime of the 32-bit hash function FNV-1a. */
const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

/**
 * Index from the exact text of a request to its parsed operation. With this index, a repeated request needs no JSON or GraphQL parser. The
 * index has a maximum size, and callers share its memory fairly. It holds no responses. If two requests have the same hash, the newer
 * request replaces the older one. The index hashes and compares requests itself, because a string key built from all parts took three times
 * as long.
 */
export class RequestIndex<Operation extends object> {
  readonly #known: FairStore<number, Known<Operation>>

  /** Buffer into which the text of a GET is copied, because hashing bytes is four times as fast as hashing characters. */
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_TEXT_LENGTH)

  constructor({ maxBytes, bytesOf = () => 0 }: RequestIndexOptions<Operation>) {
    this.#known = new FairStore({
      maxBytes,
      bytesOf: ({ request: { text, accept, contentType }, operation }) =>
        BYTES_PER_OPERATION + text.length + accept.length + contentType.length + bytesOf(operation),
    })
  }

  /** Estimated size of all entries, bytes; at most `maxBytes`. */
  get bytes(): number {
    return this.#known.bytes
  }

  get(request: RawRequest): Operation | undefined {
    if (isLong(request)) return undefined
    const known = this.#known.get(this.#hashOf(request))
    return known && isSame(known.request, request) ? known.operation : undefined
  }

  set(request: RawRequest, operation: Operation): void {
    const { text, caller } = request
    if (isLong(request)) return
    // The bytes are copied, because they are a view of a larger buffer, and the view would keep that whole buffer in memory.
    const kept = typeof text === 'string' ? request : { ...request, text: Uint8Array.from(text) }
    this.#known.set(this.#hashOf(request), { request: kept, operation }, ownerOf(caller))
  }

  #hashOf(request: RawRequest): number {
    const before = hashOfFields(request)
    const { text } = request
    if (typeof text !== 'string') return hashBytes(before, text, text.length)
    return hashBytes(before, this.#bytes, this.#bytes.write(text, 'latin1'))
  }
}

function isLong({ text, accept, contentType }: RawRequest): boolean {
  return text.length > MAX_TEXT_LENGTH || accept.length + contentType.length > MAX_HEADERS_LENGTH
}

/** Returns a hash of all parts of a request except its text, computed character by character. */
function hashOfFields({ method, caller, accept, contentType, preflighted }: RawRequest): number {
  let hash = preflighted ? OFFSET_BASIS : ~OFFSET_BASIS
  hash = hashString(hash, method)
  hash = hashString(hash, contentType)
  hash = hashString(hash, accept)
  if (!caller) return hash
  hash = hashString(hash, caller.tenant)
  hash = hashString(hash, caller.role)
  return hashString(hash, caller.userId)
}

/**
 * Continues a hash with the length and the characters of a text (FNV-1a, by Fowler, Noll and Vo).
 * @param before Hash of everything before the text.
 */
function hashString(before: number, text: string): number {
  let hash = Math.imul(before ^ text.length, PRIME)
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME)
  return hash
}

/** Continues a hash with the first `length` bytes, four bytes in each step. @param before Hash of everything before the bytes. */
function hashBytes(before: number, bytes: Uint8Array, length: number): number {
  const whole = length - (length % 4)
  let hash = Math.imul(before ^ length, PRIME)
  for (let at = 0; at < whole; at += 4) {
    const word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    hash = Math.imul(hash ^ word, PRIME)
    hash ^= hash >>> 15
  }
  for (let at = whole; at < length; at++) hash = Math.imul(hash ^ byteAt(bytes, at), PRIME)
  return hash
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number
}

function isSame(a: RawRequest, b: RawRequest): boolean {
  return (
    a.method === b.method &&
    a.preflighted === b.preflighted &&
    a.contentType === b.contentType &&
    a.accept === b.accept &&
    isSameCaller(a.caller, b.caller) &&
    (typeof a.text === 'string' ? a.text === b.text : typeof b.text !== 'string' && areSameBytes(a.text, b.text))
  )
}

function isSameCaller(a: Caller | null, b: Caller | null): boolean {
  return a === b || (a !== null && b !== null && a.tenant === b.tenant && a.role === b.role && a.userId === b.userId)
}

function areSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
