import { hash } from 'node:crypto'
import type { Cache } from '../cache/cache.ts'
import { PUBLIC_TENANT } from '../cache/entity.ts'
import { cacheKey } from '../cache/key.ts'
import type { CachePolicy } from '../cache/policy.ts'
import type { CacheRequest, Loaded } from '../cache/read.ts'
import { FairStore } from '../responses/fair-store.ts'

const HOUR_MS = 60 * 60 * 1000
const SHARED: CachePolicy = { name: 'PersistedQuery', l1Ms: 0, l2Ms: 24 * HOUR_MS, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
/** Longer documents are executed but not kept: a client sends them each time. */
const LONGEST_DOCUMENT = 32_768
/** What a process adds to the shared tier in an hour at most, so that made-up documents do not fill it. */
const SHARED_BYTES_PER_HOUR = 16 * 2 ** 20
/** The part of it that one caller may use up. */
const SHARED_BYTES_PER_OWNER = SHARED_BYTES_PER_HOUR / 8
/** What a document takes in the shared tier besides its text. */
const BYTES_PER_SHARED = 300
const APOLLO_PREFIX = 'apq:'

/**
 * The documents that clients name by their SHA-256: this process's own, bounded in bytes, and through the shared tier those of all
 * processes. What does not match its hash counts as unknown. (A KeyValueCache, as Apollo Server calls it, which does not say who
 * asks: what is used is told to `use`.)
 */
export class PersistedQueries {
  readonly #cache: Cache
  readonly #now: () => number
  readonly #check: (document: string) => void
  readonly #own: FairStore<string, string>
  #shared = { since: Number.NEGATIVE_INFINITY, bytes: 0, byOwner: new Map<string, number>() }

  /**
   * @param now Unix epoch, ms.
   * @param check Throws for a document that is above this process's limits.
   * @param maxBytes Estimated size of this process's own.
   */
  constructor(cache: Cache, now: () => number, check: (document: string) => void, maxBytes: number) {
    this.#cache = cache
    this.#now = now
    this.#check = check
    this.#own = new FairStore({ maxBytes, bytesOf: (document) => 2 * document.length })
  }

  /** The estimated bytes of this process's own; never above the bound. */
  get bytes(): number {
    return this.#own.bytes
  }

  async get(apolloKey: string): Promise<string | undefined> {
    const digest = apolloKey.slice(APOLLO_PREFIX.length)
    const own = this.#own.get(digest)
    if (own !== undefined) return own
    const unknown = async (): Promise<Loaded<string | undefined>> => ({ value: undefined })
    const document = await this.#cache.get(requestOf(digest), SHARED, unknown, { session: this.#cache.openSession() })
    // Its hash tells what it is: no release needs to know the one that stored it.
    if (typeof document !== 'string' || hash('sha256', document) !== digest || !this.#isWithinLimits(document)) return undefined
    return document
  }

  /** To be called when a document that was found is used. */
  use(digest: string, document: string, owner: string): void {
    if (this.#own.use(digest, owner) === undefined) this.#own.set(digest, document, owner)
  }

  /** To be called with a document that has this hash and is valid, when a client has sent both. */
  async register(digest: string, document: string, owner: string): Promise<void> {
    if (document.length > LONGEST_DOCUMENT) return
    this.use(digest, document, owner)
    if (!this.#mayShare(document, owner)) return
    await this.#cache.warm([requestOf(digest)], SHARED, async () => [{ value: document }], { session: this.#cache.openSession() })
  }

  /** Part of the interface: what Apollo Server would register was registered, with its owner, already. */
  async set(): Promise<void> {}

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
