import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

export type ContentCoding = 'identity' | 'br' | 'gzip'

/** The bytes of a response body in one content coding. */
export class Representation {
  readonly coding: ContentCoding
  readonly bytes: Uint8Array
  /** The same bytes as Latin-1 text; undefined for a large body. node:http sends the headers and a text body in one write. */
  readonly text: string | undefined
  #entityTag: string | undefined

  constructor(coding: ContentCoding, bytes: Uint8Array) {
    this.coding = coding
    this.bytes = bytes
    this.text =
      bytes.byteLength <= MAX_TEXT_BYTES ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') : undefined
  }

  /** Entity tag, a strong validator: a hash of these bytes, never of the request (RFC 9110, 8.8.3). */
  get entityTag(): string {
    this.#entityTag ??= `"${hash('sha256', this.bytes, 'base64url').slice(0, 27)}"`
    return this.#entityTag
  }
}

/**
 * Content codings in the server's order of preference, smallest result first. zstd needs less CPU time than these codings, but is left out.
 * Clients on Node 20, such as graphql-codegen, claim to accept zstd but cannot read it.
 */
const CODINGS: readonly ContentCoding[] = ['br', 'gzip', 'identity']
/** Size of a body above which it is compressed, bytes. For a smaller body, compression saves less than one network packet. */
const CODED_ABOVE_BYTES = 1024
/**
 * Maximum size of a body that is also kept as text, bytes. For a larger body, copying the bytes costs more than a second write to the
 * socket.
 */
const MAX_TEXT_BYTES = 4096
const BROTLI_QUALITY = 5
const REMEMBERED_HEADERS = 500
/**
 * Maximum length of an `Accept-Encoding` header whose chosen coding is remembered, characters. Usual clients send shorter headers; a longer
 * header is parsed for each request.
 */
const MAX_REMEMBERED_LENGTH = 256

const encode: Record<ContentCoding, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  identity: async (bytes) => bytes,
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify(gzip),
}

/**
 * Compresses response bodies. A body is compressed when the first client accepts the coding. The compressed bytes are kept as long as the
 * body itself, so that a cached response is compressed only once in each coding.
 */
export class ContentEncoder {
  readonly #made = new WeakMap<Uint8Array, Map<ContentCoding, Representation>>()
  readonly #making = new WeakMap<Uint8Array, Map<ContentCoding, Promise<Representation>>>()
  readonly #preferences = new LRUCache<string, ContentCoding>({ max: REMEMBERED_HEADERS })

  /** Returns the body in the coding that fits an `Accept-Encoding` header; undefined if the body must first be compressed. */
  ready(bytes: Uint8Array, acceptEncoding: string | undefined): Representation | undefined {
    const coding = this.#codingFor(bytes, acceptEncoding)
    const made = this.#made.get(bytes)?.get(coding)
    return made ?? (coding === 'identity' ? this.#keep(bytes, new Representation(coding, bytes)) : undefined)
  }

  /**
   * Returns the body in the coding that fits an `Accept-Encoding` header: uncompressed if the header is absent or accepts no supported
   * coding.
   */
  async represent(bytes: Uint8Array, acceptEncoding: string | undefined): Promise<Representation> {
    const ready = this.ready(bytes, acceptEncoding)
    if (ready) return ready
    const coding = this.#codingFor(bytes, acceptEncoding)
    const making = entryOf(this.#making, bytes)
    let pending = making.get(coding)
    if (!pending) {
      pending = this.#make(bytes, coding).finally(() => making.delete(coding))
      making.set(coding, pending)
    }
    return pending
  }

  async #make(bytes: Uint8Array, coding: ContentCoding): Promise<Representation> {
    return this.#keep(bytes, new Representation(coding, await encode[coding](bytes)))
  }

  #keep(bytes: Uint8Array, representation: Representation): Representation {
    entryOf(this.#made, bytes).set(representation.coding, representation)
    return representation
  }

  #codingFor(bytes: Uint8Array, acceptEncoding: string | undefined): ContentCoding {
    if (!acceptEncoding || bytes.byteLength < CODED_ABOVE_BYTES) return 'identity'
    let coding = this.#preferences.get(acceptEncoding)
    if (coding === undefined) {
      coding = chooseCoding(acceptEncoding)
      if (acceptEncoding.length <= MAX_REMEMBERED_LENGTH) this.#preferences.set(acceptEncoding, coding)
    }
    return coding
  }
}

/** Returns the best coding that an `Accept-Encoding` header accepts: identity if the header is absent or accepts no other one. */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding {
  if (!acceptEncoding) return 'identity'
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
  const [best = 'identity'] = negotiator.encodings([...CODINGS], { preferred: [...CODINGS] })
  return CODINGS.find((known) => known === best) ?? 'identity'
}

function entryOf<Value>(map: WeakMap<Uint8Array, Map<ContentCoding, Value>>, bytes: Uint8Array): Map<ContentCoding, Value> {
  let entry = map.get(bytes)
  if (!entry) {
    entry = new Map()
    map.set(bytes, entry)
  }
  return entry
}
