import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import { ownLifeMs } from '../model/lifetime.ts'
import type { MissCause } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import { KeySample, type SampledKey } from './key-sample.ts'

/** TTLs that are simulated, as multiples of the present one. */
export const LIFETIME_SCALES = [1, 2, 4, 8, 32, 128, 1024, 8192] as const

/** TTL that ends a value: that of the policy, that of a null, or that of a popular value. */
export type LifetimeKind = 'ttl' | 'negative' | 'popular'

/** Reads that would find an expired copy with other TTLs, of a sample of the keys. */
export interface LifetimeCurve {
  readonly policy: string
  readonly kind: LifetimeKind
  /** Reads in the sample. Older ones weigh less. */
  readonly reads: number
  /** Reads that would find an expired copy, for each of {@link LIFETIME_SCALES}. */
  readonly expired: readonly number[]
}

/** A stored copy, as far as the simulation needs it. */
export interface LivingCopy {
  readonly entry: Entry
  readonly policy: CachePolicy
  /** Time from the load until the value expires, ms. */
  readonly lifeMs: number
  /** Whether the shared tier stores the value, too. If not, no copy lives for longer than `l1Ms`. */
  readonly isInBoth: boolean
  /** Time since the load, ms. */
  readonly ageMs: number
  /** Time until the value changes without a write, ms; Infinity if there is no such time. */
  readonly untilMs: number
  /** Number that says whether the key is in the sample. */
  readonly hash: number
}

interface Row {
  readonly policy: string
  readonly kind: LifetimeKind
  /** TTLs with which the reads were counted. */
  readonly ttls: string
  reads: number
  expired: number[]
}

/** Simulated copies of one key. */
export interface FollowedKey extends SampledKey {
  /** Whether the key is in the sample. A copy in memory holds a key that has left it still. */
  isInSample: boolean
  /** Counts of its policy; undefined if no TTL of the policy ends the copy. */
  row: Row | undefined
  lifeMs: number
  /** Life that no longer TTL of the kind exceeds, ms. */
  maxLifeMs: number
  staleMs: number
  /** Time of the monotonic clock until which every simulated copy is fresh, ms. */
  freshUntil: number
  /** Time of the monotonic clock at which the value changes without a write, ms. */
  until: number
  /** Time of the monotonic clock at which each simulated copy was loaded, ms; NaN for a copy that the next load brings. */
  readonly loadedAt: number[]
}

/** Number of reads of a row after which the earlier ones weigh half. */
const MEMORY = 50_000

/**
 * Estimates which reads longer TTLs would turn into hits. A hit rate cannot tell: it depends on when values are read again, and on whether they are
 * invalidated first. So for a sample of the keys, copies with longer TTLs are simulated, which see the same reads, loads and invalidations
 * as the real copies. (The sample is that of the miss-ratio curve: Waldspurger and others, 2015.) A copy that was evicted lives on here,
 * because no TTL would have kept it.
 */
export class LifetimeCurves {
  readonly #env: Pick<Env, 'monotonic'>
  readonly #keys: KeySample<string, FollowedKey>
  readonly #rows = new Map<string, Row>()

  constructor(env: Pick<Env, 'monotonic'>) {
    this.#env = env
    this.#keys = new KeySample({
      env,
      onLeave: (followed) => {
        followed.isInSample = false
      },
      onThinned: () => this.#rows.forEach(halve),
      onWidened: () => this.#rows.forEach(clear),
    })
  }

  /** Records a read that got a copy. @param followed What {@link stored} returned for it. @param now Time of the monotonic clock, ms. */
  hit(followed: FollowedKey, now: number): void {
    if (!followed.isInSample) return
    this.#keys.use(followed)
    if (now >= followed.freshUntil) this.#read(followed, false, now)
    else if (followed.row) followed.row.reads++
  }

  /** Records a read that got no copy. */
  miss(key: string, cause: MissCause): void {
    const followed = this.#keys.get(key)
    if (!followed) return
    this.#keys.use(followed)
    if (cause === 'expired' || cause === 'evicted') this.#read(followed, true, this.#env.monotonic())
    else {
      if (followed.row) followed.row.reads++
      followed.loadedAt.fill(Number.NaN)
    }
  }

  /**
   * Records that a copy was stored: for a read that missed, or in the background.
   * @returns what the simulation knows of the key; undefined if the key is not in the sample.
   */
  stored(key: string, copy: LivingCopy): FollowedKey | undefined {
    this.#keys.fit()
    if (!this.#keys.has(copy.hash)) return undefined
    const loadedAt = this.#env.monotonic() - copy.ageMs
    const known = this.#keys.get(key)
    const followed = known ?? newKey(copy.hash)
    followed.loadedAt[0] = loadedAt
    for (const [index, at] of followed.loadedAt.entries()) if (Number.isNaN(at)) followed.loadedAt[index] = loadedAt
    this.#describe(followed, copy)
    this.#keys.use(followed)
    if (!known) this.#keys.set(key, followed)
    return followed
  }

  /** Returns the curves of all policies of which something was read. */
  estimate(): readonly LifetimeCurve[] {
    return [...this.#rows.values()].map(({ policy, kind, reads, expired }) => ({ policy, kind, reads, expired: [...expired] }))
  }

  /** @param isLoading Whether a load follows, which stores the copies that are missing. */
  #read(followed: FollowedKey, isLoading: boolean, now: number): void {
    const { row, staleMs, until, loadedAt } = followed
    if (row) row.reads++
    for (const [index, scale] of LIFETIME_SCALES.entries()) {
      const age = now - (loadedAt[index] as number)
      const lifeMs = scaledLife(followed, scale)
      if (age < lifeMs && now < until) continue
      const isServed = age < lifeMs + staleMs && now < until
      if (!isServed && row) row.expired[index] = (row.expired[index] as number) + 1
      loadedAt[index] = isLoading && !isServed ? Number.NaN : now
    }
    followed.freshUntil = freshUntilOf(followed)
    if (row && row.reads > MEMORY) halve(row)
  }

  #describe(followed: FollowedKey, { entry, policy, lifeMs, isInBoth, untilMs }: LivingCopy): void {
    const ownMs = ownLifeMs(entry, policy)
    const isBoundByL1 = !isInBoth && (ownMs ?? Number.POSITIVE_INFINITY) >= policy.l1Ms
    const kind = isBoundByL1 ? 'ttl' : kindOf(entry, policy)
    followed.row = kind && this.#rowOf(policy, kind)
    followed.lifeMs = lifeMs
    followed.maxLifeMs = isInBoth ? Number.POSITIVE_INFINITY : isBoundByL1 ? (ownMs ?? Number.POSITIVE_INFINITY) : policy.l1Ms
    followed.staleMs = policy.staleWhileRevalidateMs
    followed.until = this.#env.monotonic() + untilMs
    followed.freshUntil = freshUntilOf(followed)
  }

  /** Returns the row of a policy. It begins anew when the TTLs of the policy have changed. */
  #rowOf({ name, l1Ms, l2Ms, negativeMs, popularMs }: CachePolicy, kind: LifetimeKind): Row {
    const id = `${kind} ${name}`
    const ttls = `${l1Ms} ${l2Ms} ${negativeMs} ${popularMs}`
    const known = this.#rows.get(id)
    if (known?.ttls === ttls) return known
    const row: Row = { policy: name, kind, ttls, reads: 0, expired: LIFETIME_SCALES.map(() => 0) }
    this.#rows.set(id, row)
    return row
  }
}

function halve(row: Row): void {
  row.reads /= 2
  row.expired = row.expired.map((count) => count / 2)
}

function clear(row: Row): void {
  row.reads = 0
  row.expired.fill(0)
}

function newKey(hash: number): FollowedKey {
  return {
    hash,
    usedIn: -1,
    isInSample: true,
    row: undefined,
    lifeMs: 0,
    maxLifeMs: 0,
    staleMs: 0,
    freshUntil: 0,
    until: 0,
    loadedAt: LIFETIME_SCALES.map(() => Number.NaN),
  }
}

function freshUntilOf(followed: FollowedKey): number {
  let first = followed.until
  for (const [index, scale] of LIFETIME_SCALES.entries()) {
    const end = (followed.loadedAt[index] as number) + scaledLife(followed, scale)
    if (!(end >= first)) first = end
  }
  return first
}

function scaledLife({ lifeMs, maxLifeMs }: FollowedKey, scale: number): number {
  return Math.min(lifeMs * scale, maxLifeMs)
}

/** Returns the TTL that ends an entry in both tiers; undefined if its loader set another one. */
function kindOf({ ttlMs, value }: Entry, { negativeMs, popularMs }: CachePolicy): LifetimeKind | undefined {
  if (ttlMs !== undefined) return popularMs === undefined ? undefined : 'popular'
  return value === null && negativeMs !== undefined ? 'negative' : 'ttl'
}
