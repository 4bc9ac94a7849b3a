import { crc32 } from 'node:zlib'
import { FairStore } from '../../budgets/fair-store.ts'

export interface KnownRequestsOptions<Known> {
  /** Maximum estimated size of all entries, bytes. */
  readonly maxBytes: number
  /** Estimates the size of an entry, bytes. */
  readonly bytesOf: (known: Known, chunk: Buffer) => number
}

export interface KnownRequest<Known> {
  readonly chunk: Buffer
  readonly known: Known
  /** Number of times that the request was found without a look-up. */
  repetitions: number
}

/** Maximum size of a request that is remembered, bytes: usual header fields and the longest text that the request index remembers. */
const MAX_CHUNK_BYTES = 24_576
/** A request that is found without a look-up is looked up each time that it was found so often, so that it counts as used. */
const REPETITIONS = 16
/** Number of slots that remember which bytes were seen once. A request with an ever new header field fills only these. */
const SEEN_SLOTS = 4096

/**
 * Requests by their exact bytes. A request is remembered when it is seen for the second time. The store has a maximum size, and callers
 * share its memory fairly. If two requests have the same checksum, the newer one replaces the older one.
 */
export class KnownRequests<Known> {
  readonly #entries: FairStore<number, KnownRequest<Known>>
  readonly #seen = new Uint32Array(SEEN_SLOTS)

  constructor({ maxBytes, bytesOf }: KnownRequestsOptions<Known>) {
    this.#entries = new FairStore({ maxBytes, bytesOf: ({ chunk, known }) => bytesOf(known, chunk) })
  }

  /** Estimated size of all entries, bytes; at most `maxBytes`. */
  get bytes(): number {
    return this.#entries.bytes
  }

  /**
   * Returns the request that consists of exactly these bytes, if it is known.
   * @param last A request that was found before, and probably comes again. It may have been evicted since.
   */
  find(chunk: Buffer, last?: KnownRequest<Known>): KnownRequest<Known> | undefined {
    if (last?.chunk.equals(chunk) && ++last.repetitions % REPETITIONS !== 0) return last
    if (chunk.length > MAX_CHUNK_BYTES) return undefined
    const entry = this.#entries.get(crc32(chunk))
    return entry?.chunk.equals(chunk) ? entry : undefined
  }

  /** Remembers a request if these bytes were seen before. @param owner Owner of the entry, as of {@link FairStore}. */
  add(chunk: Buffer, owner: string, known: () => Known): void {
    if (chunk.length > MAX_CHUNK_BYTES) return
    const checksum = crc32(chunk)
    const slot = checksum % SEEN_SLOTS
    // The bytes are copied, because a chunk is a view of a larger buffer, and would keep all of it in memory.
    if (this.#seen[slot] === checksum)
      this.#entries.set(checksum, { chunk: Buffer.from(Uint8Array.from(chunk).buffer), known: known(), repetitions: 0 }, owner)
    else this.#seen[slot] = checksum
  }
}
