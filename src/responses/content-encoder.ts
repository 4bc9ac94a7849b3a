import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

export type ContentCoding = 'identity' | 'br' | 'gzip'

/** An answer's bytes as they are sent. */
export class Representation {
  readonly coding: ContentCoding
  readonly bytes: Uint8Array
  /** The same as Latin-1, where they are few: that goes out with the headers in one piece. */
  readonly text: string | undefined
  #entityTag: string | undefined

  constructor(coding: ContentCoding, bytes: Uint8Array) {
    this.coding = coding
    this.bytes = bytes
    this.text =
      bytes.byteLength <= LONGEST_TEXT_BYTES ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') : undefined
  }

  /** Strong validator: a hash of these bytes, never of what was asked (RFC 9110, 8.8.3). */
  get entityTag(): string {
    this.#entityTag ??= `"${hash('sha256', this.bytes, 'base64url').slice(0, 27)}"`
    return this.#entityTag
  }
}

/**
 * In the server's order: the smallest comes first. There is no zstd, though it costs less: clients on Node 20, such as
 * graphql-codegen, say that they accept it and cannot read it.
 */
const CODINGS: readonly ContentCoding[] = ['br', 'gzip', 'identity']
/** Below it, a coding saves less than a packet. */
const CODED_ABOVE_BYTES = 1024
/** Above it, copying the bytes costs more than the second piece. */
const LONGEST_TEXT_BYTES = 4096
const BROTLI_QUALITY = 5
const REMEMBERED_HEADERS = 500
/** Usual clients send less. */
const MAX_REMEMBERED_LENGTH = 256

const encode: Record<ContentCoding, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  identity: async (bytes) => bytes,
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify(gzip),
}

/** The representations of answers: each made once, when it is first asked for, and kept as long as the bytes it was made of. */
export class ContentEncoder {
  readonly #made = new WeakMap<Uint8Array, Map<ContentCoding, Representation>>()
  readonly #making = new WeakMap<Uint8Array, Map<ContentCoding, Promise<Representation>>>()
  readonly #preferences = new LRUCache<string, ContentCoding>({ max: REMEMBERED_HEADERS })

  /** The representation for an `Accept-Encoding`, where it takes no compression any more. */
  ready(bytes: Uint8Array, acceptEncoding: string | undefined): Representation | undefined {
    const coding = this.#codingFor(bytes, acceptEncoding)
    const made = this.#made.get(bytes)?.get(coding)
    return made ?? (coding === 'identity' ? this.#keep(bytes, new Representation(coding, bytes)) : undefined)
  }

  /** The representation for an `Accept-Encoding`. Without the header, or when it takes none of ours, the bytes as they are. */
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
      const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
      const [best = 'identity'] = negotiator.encodings([...CODINGS], { preferred: [...CODINGS] })
      coding = CODINGS.find((known) => known === best) ?? 'identity'
      if (acceptEncoding.length <= MAX_REMEMBERED_LENGTH) this.#preferences.set(acceptEncoding, coding)
    }
    return coding
  }
}

function entryOf<Value>(map: WeakMap<Uint8Array, Map<ContentCoding, Value>>, bytes: Uint8Array): Map<ContentCoding, Value> {
  let entry = map.get(bytes)
  if (!entry) {
    entry = new Map()
    map.set(bytes, entry)
  }
  return entry
}
