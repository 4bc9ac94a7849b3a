import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Cache } from '../cache/cache.ts'
import { PUBLIC_TENANT } from '../cache/entity.ts'
import { cacheKey } from '../cache/key.ts'
import type { CachePolicy } from '../cache/policy.ts'
import type { CacheRequest, Loaded } from '../cache/read.ts'

const HOUR_MS = 60 * 60 * 1000
const SHARED: CachePolicy = { name: 'PersistedQuery', l1Ms: 0, l2Ms: 24 * HOUR_MS, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
/** Longer documents are executed but not kept: a client sends them each time. */
const LONGEST_DOCUMENT = 32_768
const OWN_BYTES = 8 * 2 ** 20
/** What a process adds to the shared tier in an hour at most, so that made-up documents do not fill it. */
const SHARED_BYTES_PER_HOUR = 16 * 2 ** 20
const APOLLO_PREFIX = 'apq:'

/**
 * The documents that clients name by their SHA-256: this process's own, bounded in bytes, and through the shared tier those of all
 * processes. What does not match its hash counts as unknown. (A KeyValueCache, as Apollo Server calls it.)
 */
export class PersistedQueries {
  readonly #cache: Cache
  readonly #now: () => number
  readonly #check: (document: string) => void
  readonly #own = new LRUCache<string, string>({ maxSize: OWN_BYTES, sizeCalculation: (document) => 200 + 2 * document.length })
  #shared = { since: Number.NEGATIVE_INFINITY, bytes: 0 }

  /**
   * @param now Unix epoch, ms.
   * @param check Throws for a document that is above this process's limits.
   */
  constructor(cache: Cache, now: () => number, check: (document: string) => void) {
    this.#cache = cache
    this.#now = now
    this.#check = check
  }

  async get(apolloKey: string): Promise<string | undefined> {
    const digest = apolloKey.slice(APOLLO_PREFIX.length)
    const own = this.#own.get(digest)
    if (own !== undefined) return own
    const unknown = async (): Promise<Loaded<string | undefined>> => ({ value: undefined })
    const document = await this.#cache.get(requestOf(digest), SHARED, unknown, { session: this.#cache.openSession() })
    // Its hash tells what it is: no release needs to know the one that stored it.
    if (typeof document !== 'string' || hash('sha256', document) !== digest || !this.#isWithinLimits(document)) return undefined
    this.#own.set(digest, document)
    return document
  }

  /** Apollo Server has compared the document with its hash, and validated it. */
  async set(apolloKey: string, document: string): Promise<void> {
    if (document.length > LONGEST_DOCUMENT) return
    const digest = apolloKey.slice(APOLLO_PREFIX.length)
    this.#own.set(digest, document)
    if (!this.#mayShare(document.length)) return
    await this.#cache.warm([requestOf(digest)], SHARED, async () => [{ value: document }], { session: this.#cache.openSession() })
  }

  /** Part of the interface; documents leave by themselves. */
  async delete(): Promise<boolean> {
    return false
  }

  /** Another process may have other limits. A client that is told that the hash is unknown sends the document, and is told why not. */
  #isWithinLimits(document: string): boolean {
    try {
      this.#check(document)
      return true
    } catch {
      return false
    }
  }

  #mayShare(bytes: number): boolean {
    const now = this.#now()
    if (now - this.#shared.since > HOUR_MS) this.#shared = { since: now, bytes: 0 }
    this.#shared.bytes += bytes
    return this.#shared.bytes <= SHARED_BYTES_PER_HOUR
  }
}

function requestOf(digest: string): CacheRequest {
  return { key: cacheKey(PUBLIC_TENANT, 'persistedQuery', [digest]), tags: [PUBLIC_TENANT] }
}
