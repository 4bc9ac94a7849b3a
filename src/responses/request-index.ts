import { FairStore, ownerOf } from './fair-store.ts'

/** What tells one HTTP request from another, as far as its answer depends on it. */
export interface RawRequest {
  readonly method: string
  /** Who asks; null for an anonymous caller. */
  readonly caller: Caller | null
  readonly accept: string
  readonly contentType: string
  /** Whether a browser would have had to ask before it sent the request. */
  readonly preflighted: boolean
  /** The body, or the path and query string of a GET, exactly as it came. */
  readonly text: Uint8Array | string
}

export interface Caller {
  readonly tenant: string
  readonly role: string
  readonly userId: string
}

export interface RequestIndexOptions<Operation> {
  /** Estimated size of all texts and operations. */
  readonly maxBytes: number
  /** What an operation takes that grows with what the client sent, bytes. */
  readonly bytesOf?: (operation: Operation) => number
}

interface Known<Operation> {
  readonly request: RawRequest
  readonly operation: Operation
}

const LONGEST_TEXT = 16_384
/** Usual clients send the same few words in these headers. Requests with longer ones are not kept. */
const MAX_HEADERS_LENGTH = 1024
/** What an operation holds besides what its client sent, bytes (measured). */
const BYTES_PER_OPERATION = 1500
/** Of FNV-1a with 32 bits. */
const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

/**
 * Bounded memory of what requests ask for, by their exact text: a repeated request needs no JSON or GraphQL parser. Holds what
 * operations are, never an answer. Callers share it fairly, and of two requests with one hash the older one leaves. Hashes and
 * compares by itself: to make a string of all parts and have that hashed takes three times as long.
 */
export class RequestIndex<Operation extends object> {
  readonly #known: FairStore<number, Known<Operation>>

  /** A text is hashed as bytes, which is four times as fast. */
  readonly #bytes = Buffer.allocUnsafeSlow(LONGEST_TEXT)

  constructor({ maxBytes, bytesOf = () => 0 }: RequestIndexOptions<Operation>) {
    this.#known = new FairStore({
      maxBytes,
      bytesOf: ({ request: { text, accept, contentType }, operation }) =>
        BYTES_PER_OPERATION + text.length + accept.length + contentType.length + bytesOf(operation),
    })
  }

  /** The estimated bytes of what is kept; never above the bound. */
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
    // The bytes are part of a larger buffer, which would be kept with them.
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
  return text.length > LONGEST_TEXT || accept.length + contentType.length > MAX_HEADERS_LENGTH
}

/** What is short, one character after the other. */
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

/** The length of a text and its FNV-1a hash (Fowler, Noll, Vo), which goes on from a hash before it. */
function hashString(before: number, text: string): number {
  let hash = Math.imul(before ^ text.length, PRIME)
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME)
  return hash
}

/** The same of the first bytes, in steps of four. */
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
