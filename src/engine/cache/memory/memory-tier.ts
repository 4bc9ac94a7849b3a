import { type Entry, sizeOf } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import type { MissCause } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import { BoundedCache, type CachedValue } from './bounded-cache.ts'
import type { HotKeys } from './hot-keys.ts'
import { type FollowedKey, type LifetimeCurve, LifetimeCurves } from './lifetime-curves.ts'
import { type Curve, MissRatioCurve } from './miss-ratio-curve.ts'
import { SeenKeys } from './seen-keys.ts'

export interface MemoryEntry {
  readonly entry: Entry
  /** Policy with which the entry was stored. */
  readonly policy: CachePolicy
  /** Time of the monotonic clock when the entry was stored, ms. */
  readonly since: number
  /** Time of the monotonic clock when the entry expires according to `policy`, ms. */
  readonly freshUntil: number
  /** Whether the entry is written to the shared tier when a reader asks for it again. */
  waitsForSecondSight: boolean
  /** Size of the entry with key and tags, bytes. */
  readonly bytes: number
  /** Number that says whether the key is in the sample of the miss-ratio curve. */
  readonly hash: number
  /** Simulated copies of the key with longer TTLs; undefined if the key is not in its sample. */
  readonly followed: FollowedKey | undefined
  /** Whether a reader got the copy. */
  isReused: boolean
}

export interface MemoryTierOptions {
  readonly env: Env
  /** Upper bound of the estimated size of all values, keys and tags, bytes. */
  readonly maxBytes: number
  /** Share of `maxBytes` that the entries of a tenant keep when other tenants need room, 0 to 1. Default 0.5. */
  readonly tenantQuota?: number
  /** Recorder of the hottest keys; undefined if no keys are recorded. */
  readonly hotKeys?: HotKeys | undefined
  /** Called for each entry that is stored, for the first reader that gets it, and for each entry that is evicted. */
  readonly onEvent: CacheListener
}

interface Kept extends MemoryEntry {
  /** Time of the monotonic clock from which the copy may not be served at all, not even flagged as stale, ms. */
  readonly keptUntil: number
}

/** Terms on which an entry is stored. */
export interface Keeping {
  /** Time until the entry expires, ms. */
  readonly freshMs: number
  /** Time from the load until the value expires in every tier, ms, and how much of it has passed. */
  readonly lifeMs: number
  readonly ageMs: number
  /** Whether the shared tier stores the value, too. */
  readonly isInBoth: boolean
  /** Time until the value changes without a write, ms; Infinity if there is no such time. */
  readonly untilMs: number
  /** Time for which the entry is retained, for a background refresh or while the database is unavailable, ms. */
  readonly keptMs: number
  /** Whether the entry is written to the shared tier when a reader asks for it again. */
  readonly waitsForSecondSight: boolean
}

/** Memory that an entry takes in addition to its value, key, tags and slots, bytes (measured). */
const BYTES_PER_ENTRY = 650

/**
 * The cache tier in this process, bounded in bytes. It retains entries by frequency and recency of use, and resists scans. No tenant can
 * evict all entries of other tenants (see BoundedCache). The tier also returns expired entries, for a background refresh or while the
 * database is unavailable. So the caller must check whether an entry has expired. An entry that may not be served at all is evicted before
 * the others.
 */
export class MemoryTier {
  /** Keys that had a copy in this process or in the shared tier. */
  readonly seen: SeenKeys
  readonly #env: Env
  readonly #hotKeys: HotKeys | undefined
  readonly #entries: BoundedCache<Kept>
  readonly #curve: MissRatioCurve
  readonly #lifetimes: LifetimeCurves
  readonly #onEvent: CacheListener

  /** Creates an empty tier. @throws RangeError if `maxBytes` is less than 1 or `tenantQuota` is not from 0 to 1. */
  constructor({ env, maxBytes, tenantQuota = 0.5, hotKeys, onEvent }: MemoryTierOptions) {
    if (!(maxBytes >= 1)) throw new RangeError(`The memory tier needs at least a byte, got ${maxBytes}.`)
    if (!(tenantQuota >= 0 && tenantQuota <= 1)) throw new RangeError(`A tenant's quota must be from 0 to 1, got ${tenantQuota}.`)
    this.#env = env
    this.#hotKeys = hotKeys
    this.seen = new SeenKeys(env, maxBytes)
    this.#curve = new MissRatioCurve(env, maxBytes, tenantQuota)
    this.#lifetimes = new LifetimeCurves(env)
    this.#onEvent = onEvent
    this.#entries = new BoundedCache({
      env,
      maxWeight: maxBytes,
      tenantQuota,
      isExpired: ({ keptUntil }) => keptUntil <= env.monotonic(),
      onEvict: () => onEvent({ type: 'evicted', count: 1 }),
    })
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.weight
  }

  /** Number of tenants that have an entry. */
  get tenants(): number {
    return this.#entries.tenants
  }

  /** Returns the estimated size of a tenant's entries, bytes. */
  bytesOf(tenant: string): number {
    return this.#entries.weightOf(tenant)
  }

  get(key: string): MemoryEntry | undefined {
    const held = this.#entries.get(key)
    if (held !== undefined) this.#hotKeys?.hit(key, held.entry)
    return held
  }

  /** Records for the simulations of more memory and of longer TTLs that a reader got this copy. @param now Time of the monotonic clock, ms. */
  served(key: string, held: MemoryEntry, now: number): void {
    const { hash, bytes, freshUntil, policy, followed } = held
    this.#curve.hit(key, hash, bytes, freshUntil + policy.staleWhileRevalidateMs)
    if (followed) this.#lifetimes.hit(followed, now)
    if (held.isReused) return
    held.isReused = true
    this.#onEvent({ type: 'reused', policy: policy.name, count: 1 })
  }

  /** Records for the simulations that a reader found no copy that it could get, and why. */
  missed(key: string, cause: MissCause): void {
    this.#curve.miss(key, this.#curve.hashOf(key), cause === 'evicted')
    this.#lifetimes.miss(key, cause)
  }

  /** Returns which reads longer TTLs would turn into hits, by policy. */
  lifetimeCurves(): readonly LifetimeCurve[] {
    return this.#lifetimes.estimate()
  }

  /** Returns the expected miss ratio with other sizes of the memory; undefined if nothing was read. */
  missRatioCurve(): Curve | undefined {
    return this.#curve.estimate()
  }

  /** Returns the tenants with the largest entries, with the estimated size of their entries, bytes. */
  heaviestTenants(max: number): readonly { readonly tenant: string; readonly bytes: number }[] {
    return this.#entries.heaviestTenants(max).map(({ tenant, weight }) => ({ tenant, bytes: weight }))
  }

  /** Returns all entries with their keys; does not count as a use. Entries may be stored and evicted during the iteration. */
  entries(): Iterable<CachedValue<MemoryEntry>> {
    return this.#entries.entries()
  }

  /** Returns the entry of a key; does not count as a use. */
  peek(key: string): MemoryEntry | undefined {
    return this.#entries.peek(key)
  }

  /**
   * Stores an entry. If the cached entry of the key was loaded at a later log position, that entry stays. An entry that is larger than the
   * whole tier is not stored. An entry is not stored either if the entries that would have to be evicted are used more often.
   * @param policy Policy from which the times of the keeping were computed.
   */
  set(
    key: string,
    entry: Entry,
    policy: CachePolicy,
    { freshMs, lifeMs, isInBoth, ageMs, untilMs, keptMs, waitsForSecondSight }: Keeping,
  ): void {
    const held = this.#entries.peek(key)
    if (held !== undefined && held.entry.epoch === entry.epoch && held.entry.stamp > entry.stamp) return
    const now = this.#env.monotonic()
    const bytes = BYTES_PER_ENTRY + key.length * 2 + sizeOf(entry.value) + sizeOf(entry.tags) + entry.slots.byteLength
    const keptUntil = now + Math.max(1, keptMs)
    const hash = held?.hash ?? this.#curve.hashOf(key)
    const freshUntil = now + freshMs
    this.#curve.stored(key, hash, bytes, freshUntil + policy.staleWhileRevalidateMs)
    const followed = this.#lifetimes.stored(key, { entry, policy, lifeMs, isInBoth, ageMs, untilMs, hash })
    const kept = { entry, policy, since: now, freshUntil, keptUntil, waitsForSecondSight, bytes, hash, followed, isReused: false }
    this.#entries.set(key, kept, bytes)
    if (this.#entries.peek(key) !== kept) return
    this.#onEvent({ type: 'stored', policy: policy.name, count: 1, bytes })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.seen.reset()
  }
}
