import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { EntryCodec, type StoredEntry } from './entry-codec.ts'
import type { RemoteEntry, RemoteTier } from './remote-tier.ts'

export interface SharedTierOptions {
  readonly env: Env
  readonly remote: RemoteTier
  readonly secrets: readonly string[]
  /** Prefix of every key (product and version). A deployment with a new prefix starts with an empty shared tier. */
  readonly keyPrefix: string
  readonly onEvent: CacheListener
}

/** Time after which a claim ends unless it is renewed, ms. */
export const CLAIM_MS = 1000
const NOTHING = new Uint8Array()

/** The cache tier shared between processes. Any failure or invalid content is reported as an event and counts as a miss. */
export class SharedTier {
  readonly #options: SharedTierOptions
  readonly #codec: EntryCodec
  readonly #breaker: CircuitBreaker

  constructor(options: SharedTierOptions) {
    this.#options = options
    this.#codec = new EntryCodec(options.secrets)
    this.#breaker = new CircuitBreaker(options.env, {
      failures: 5,
      openMs: 1000,
      onChange: (state) => options.onEvent({ type: 'breaker', state }),
    })
  }

  /**
   * Returns entries in the order of `keys`. Their MACs are verified, but the caller must check whether the entries were invalidated.
   * @param currentEpoch The current epoch, by which entries of other epochs are told apart.
   */
  async getMany(keys: readonly string[], currentEpoch: string): Promise<readonly (StoredEntry | undefined)[]> {
    const { env, onEvent } = this.#options
    if (!this.#breaker.admits()) return keys.map(() => undefined)
    const startedAt = env.monotonic()
    const remoteKeys = keys.map((key) => this.#remoteKey(key))
    let found: readonly (Uint8Array | null)[]
    try {
      found = await this.#options.remote.getMany(remoteKeys)
      this.#breaker.succeeded()
    } catch (error) {
      this.#breaker.failed()
      onEvent({ type: 'tier-error', operation: 'get', error })
      return keys.map(() => undefined)
    }
    let hits = 0
    let misses = 0
    const entries = remoteKeys.map((key, index) => {
      const bytes = found[index]
      if (!bytes) misses++
      const entry = bytes ? this.#decode(key, bytes, currentEpoch) : undefined
      if (entry) hits++
      return entry
    })
    onEvent({ type: 'tier-read', hits, misses, rejected: keys.length - hits - misses, durationMs: env.monotonic() - startedAt })
    return entries
  }

  /** Stores entries in the shared tier. Never rejects; the caller need not wait for the promise. */
  async setMany(entries: readonly { readonly key: string; readonly entry: StoredEntry; readonly ttlMs: number }[]): Promise<void> {
    if (entries.length === 0 || !this.#breaker.admits()) return
    try {
      await this.#options.remote.setMany(
        entries.map(({ key, entry, ttlMs }) => {
          const remoteKey = this.#remoteKey(key)
          return { key: remoteKey, bytes: this.#codec.encode(remoteKey, entry), ttlMs: Math.max(1, Math.round(ttlMs)) }
        }),
      )
      this.#breaker.succeeded()
    } catch (error) {
      this.#breaker.failed()
      this.#options.onEvent({ type: 'tier-error', operation: 'set', error })
    }
  }

  /**
   * Claims keys for this process. Returns for each key `true`, or what the process that has claimed it noted. Returns undefined if the
   * remote tier cannot be asked. It is not asked after a call that failed, so that a tier that hangs costs a read no more than one timeout.
   */
  async claimMany(keys: readonly string[], note: string): Promise<readonly (true | string)[] | undefined> {
    if (!this.#breaker.isSound) return undefined
    const { remote, onEvent } = this.#options
    const claims = this.#claims(keys, note)
    try {
      const added = await remote.addMany(claims)
      const others = claims.filter((_, index) => !added[index]).map(({ key }) => key)
      const notes = others.length > 0 ? await remote.getMany(others) : []
      this.#breaker.succeeded()
      let position = 0
      return added.map((isAdded) => isAdded || Buffer.from(notes[position++] ?? NOTHING).toString())
    } catch (error) {
      this.#breaker.failed()
      onEvent({ type: 'tier-error', operation: 'claim', error })
      return undefined
    }
  }

  /** Makes claims last longer. Never rejects. A claim that could not be renewed ends. */
  async renewClaims(keys: readonly string[], note: string): Promise<void> {
    if (this.#breaker.isSound) await this.#options.remote.setMany(this.#claims(keys, note)).catch(() => undefined)
  }

  /** Whether the last call of the remote tier succeeded. */
  get isSound(): boolean {
    return this.#breaker.isSound
  }

  /** Ends claims. Never rejects. A claim that could not be ended ends by itself. */
  async endClaims(keys: readonly string[]): Promise<void> {
    const claims = this.#claims(keys, '')
    if (this.#breaker.isSound) await this.#options.remote.deleteMany(claims.map(({ key }) => key)).catch(() => undefined)
  }

  /** Tells the processes that have claimed the keys that another one waits for them. Never rejects. */
  async want(keys: readonly string[]): Promise<void> {
    const marks = keys.map((key) => ({ key: this.#markKey(key), bytes: Buffer.from('wanted'), ttlMs: CLAIM_MS }))
    if (this.#breaker.isSound) await this.#options.remote.setMany(marks).catch(() => undefined)
  }

  /** Returns whether another process has lately waited for one of the keys; false if the remote tier cannot tell. Never rejects. */
  async areWanted(keys: readonly string[]): Promise<boolean> {
    if (!this.#breaker.isSound) return false
    const marks = await this.#options.remote.getMany(keys.map((key) => this.#markKey(key))).catch(() => [])
    return marks.some((mark) => mark !== null)
  }

  #markKey(key: string): string {
    return `${this.#options.keyPrefix}:wanted:${key}`
  }

  #claims(keys: readonly string[], note: string): readonly RemoteEntry[] {
    const bytes = Buffer.from(note)
    return keys.map((key) => ({ key: `${this.#options.keyPrefix}:claim:${key}`, bytes, ttlMs: CLAIM_MS }))
  }

  #remoteKey(key: string): string {
    return `${this.#options.keyPrefix}:${key}`
  }

  #decode(key: string, bytes: Uint8Array, currentEpoch: string): StoredEntry | undefined {
    try {
      return this.#codec.decode(key, bytes, currentEpoch)
    } catch (error) {
      this.#options.onEvent({ type: 'tier-error', operation: 'get', error })
      return undefined
    }
  }
}
