import { hash } from 'node:crypto'
import type { Cache } from '../../../engine/cache/cache.ts'
import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { cacheKey } from '../../../engine/cache/model/key.ts'
import type { CachePolicy } from '../../../engine/cache/model/policy.ts'
import type { CacheRequest, Loaded } from '../../../engine/cache/model/read.ts'
import { FairStore } from '../../budgets/fair-store.ts'

const HOUR_MS = 60 * 60 * 1000
const SHARED: CachePolicy = { name: 'PersistedQuery', l1Ms: 0, l2Ms: 24 * HOUR_MS, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
/**
 * Maximum length of a document that is stored, UTF-16 code units. A longer document is executed, but the client must send it with each
 * request.
 */
const MAX_DOCUMENT_LENGTH = 32_768
/** Maximum number of bytes that a process adds to the shared tier (Redis) per hour, so that made-up documents do not fill it. */
const SHARED_BYTES_PER_HOUR = 16 * 2 ** 20
/** Maximum number of bytes that one caller may make a process add to the shared tier per hour. */
const SHARED_BYTES_PER_OWNER = SHARED_BYTES_PER_HOUR / 8
/** Size of a document's entry in the shared tier without its text, bytes. */
const BYTES_PER_SHARED = 300
/**
 * Pattern of a text that may name a person: a phone number, or the SHA-256 of one. A document with such a text is not added to the shared
 * tier, where it would be readable for a day. It should be sent as a variable.
 */
const PERSONAL = /(?:\d[ ().-]{0,2}){10}|[\da-f]{64}/i
const APOLLO_PREFIX = 'apq:'

/**
 * Documents that clients name by their SHA-256 (automatic persisted queries). This process keeps some of them in memory, up to a maximum
 * size. The shared tier (Redis) keeps the documents of all processes. A document that does not match its hash counts as unknown. The class
 * implements Apollo Server's KeyValueCache. That interface does not say who the caller is, so the gateway also reports each use of a
 * document to `use`.
 */
export class PersistedQueries {
  readonly #cache: Cache
  readonly #now: () => number
  readonly #check: (document: string) => void
  readonly #own: FairStore<string, string>
  #shared = { since: Number.NEGATIVE_INFINITY, bytes: 0, byOwner: new Map<string, number>() }

  /**
   * @param now Returns the current time, Unix epoch ms.
   * @param check Throws for a document that is above the limits of this process.
   * @param maxBytes Maximum estimated size of the documents in the memory of this process.
   */
  constructor(cache: Cache, now: () => number, check: (document: string) => void, maxBytes: number) {
    this.#cache = cache
    this.#now = now
    this.#check = check
    this.#own = new FairStore({ maxBytes, bytesOf: (document) => 2 * document.length })
  }

  /** Estimated size of the documents in the memory of this process, bytes; at most `maxBytes`. */
  get bytes(): number {
    return this.#own.bytes
  }

  async get(apolloKey: string): Promise<string | undefined> {
    const digest = apolloKey.slice(APOLLO_PREFIX.length)
    const own = this.#own.get(digest)
    if (own !== undefined) return own
    const unknown = async (): Promise<Loaded<string | undefined>> => ({ value: undefined })
    const document = await this.#cache.get(requestOf(digest), SHARED, unknown, { session: this.#cache.openSession() })
    // The document is checked against its hash, so it does not matter which release or process stored it.
    if (typeof document !== 'string' || hash('sha256', document) !== digest || !this.#isWithinLimits(document)) return undefined
    return document
  }

  /** Records that a request of this owner used a document that was found by its hash. */
  use(digest: string, document: string, owner: string): void {
    if (this.#own.use(digest, owner) === undefined) this.#own.set(digest, document, owner)
  }

  /** Stores a valid document for which a client has sent both the text and the hash. */
  async register(digest: string, document: string, owner: string): Promise<void> {
    if (document.length > MAX_DOCUMENT_LENGTH) return
    this.use(digest, document, owner)
    if (PERSONAL.test(document) || !this.#mayShare(document, owner)) return
    await this.#cache.warm([requestOf(digest)], SHARED, async () => [{ value: document }], { session: this.#cache.openSession() })
  }

  /**
   * Does nothing, because `register` has already stored the document with its owner. Apollo Server's KeyValueCache requires this method.
   */
  async set(): Promise<void> {}

  /** Does nothing, because documents leave the store only by eviction. Apollo Server's KeyValueCache requires this method. */
  async delete(): Promise<boolean> {
    return false
  }

  /**
   * Returns whether the document is within the limits of this process. The process that stored it may have other limits. If the document is
   * above the limits, its hash counts as unknown, so that the client sends the document and gets the reason for the refusal.
   */
  #isWithinLimits(document: string): boolean {
    try {
      this.#check(document)
      return true
    } catch {
      return false
    }
  }

  #mayShare(document: string, owner: string): boolean {
    const now = this.#now()
    if (now - this.#shared.since > HOUR_MS) this.#shared = { since: now, bytes: 0, byOwner: new Map() }
    const { byOwner } = this.#shared
    const bytes = BYTES_PER_SHARED + Buffer.byteLength(document)
    const ofOwner = (byOwner.get(owner) ?? 0) + bytes
    if (ofOwner > SHARED_BYTES_PER_OWNER || this.#shared.bytes + bytes > SHARED_BYTES_PER_HOUR) return false
    byOwner.set(owner, ofOwner)
    this.#shared.bytes += bytes
    return true
  }
}

function requestOf(digest: string): CacheRequest {
  return { key: cacheKey(PUBLIC_TENANT, 'persistedQuery', [digest]), tags: [PUBLIC_TENANT] }
}
