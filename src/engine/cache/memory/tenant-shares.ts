import { Member, type Precedence } from './tiny-lfu.ts'

/** Entries of one tenant, in a linked ring from the oldest to the youngest. */
export class TenantShare<Held extends Owned<Held>> {
  readonly tenant: string
  weight = 0
  oldest: Held | undefined

  constructor(tenant: string) {
    this.tenant = tenant
  }
}

/** A cached entry that belongs to a tenant. */
export class Owned<Held extends Owned<Held>> extends Member<string> {
  share: TenantShare<Held> | undefined
  older: Held | undefined
  younger: Held | undefined
}

/** Number of a tenant's oldest entries that are compared when one of the tenant's entries must be evicted. */
const COMPARED = 4

/**
 * Tracks the weight of each tenant's entries and chooses the entries to evict (victims). While a tenant exceeds its quota, one of the
 * entries of this tenant is the victim. This victim is evicted without comparing frequencies, unless the tenant of the new entry exceeds
 * its quota, too. So a tenant may use all unused room, but loses what exceeds its quota as soon as other tenants need the room. A tenant
 * without entries takes no memory.
 */
export class TenantShares<Held extends Owned<Held>> implements Precedence<Held> {
  readonly #quota: number
  readonly #worth: (member: Held) => number
  readonly #shares = new Map<string, TenantShare<Held>>()
  readonly #aboveQuota = new Set<TenantShare<Held>>()

  /**
   * Creates an object for a cache without entries.
   * @param quota Weight of the entries that each tenant may have. If the entries of a tenant weigh more, they are evicted before the
   * entries of other tenants.
   */
  constructor(quota: number, worth: (member: Held) => number) {
    this.#quota = quota
    this.#worth = worth
  }

  /** Number of tenants that have an entry. */
  get size(): number {
    return this.#shares.size
  }

  weightOf(tenant: string): number {
    return this.#shares.get(tenant)?.weight ?? 0
  }

  /** Returns the tenants whose entries weigh most, heaviest first. */
  heaviest(max: number): readonly { readonly tenant: string; readonly weight: number }[] {
    const found: { readonly tenant: string; readonly weight: number }[] = []
    for (const { tenant, weight } of this.#shares.values()) {
      if (found.length >= max && weight <= (found.at(-1)?.weight ?? 0)) continue
      found.push({ tenant, weight })
      found.sort((a, b) => b.weight - a.weight)
      if (found.length > max) found.pop()
    }
    return found
  }

  enter(member: Held): void {
    const tenant = member.key.slice(0, Math.max(0, member.key.indexOf(':')))
    let share = this.#shares.get(tenant)
    if (share === undefined) {
      share = new TenantShare(tenant)
      this.#shares.set(tenant, share)
    }
    this.#link(share, member)
    this.#weigh(share, member.weight)
  }

  leave(member: Held): void {
    const { share } = member
    if (share === undefined) return
    this.#unlink(share, member)
    this.#weigh(share, -member.weight)
    if (share.oldest === undefined) this.#shares.delete(share.tenant)
  }

  clear(): void {
    this.#shares.clear()
    this.#aboveQuota.clear()
  }

  victim(next: Held, newcomer: Held): Held {
    if (this.#isAbove(next)) return next
    const share = this.#isAbove(newcomer) ? newcomer.share : this.#aboveQuota.values().next().value
    return share === undefined ? next : this.#leastOfOldest(share, next)
  }

  mustYield(victim: Held, newcomer: Held): boolean {
    return this.#isAbove(victim) && !this.#isAbove(newcomer)
  }

  #isAbove(member: Held): boolean {
    return member.share !== undefined && member.share.weight > this.#quota
  }

  /**
   * Returns the least used of a tenant's oldest entries. The other compared entries become the youngest, so that the next call compares
   * different entries.
   */
  #leastOfOldest(share: TenantShare<Held>, next: Held): Held {
    let least = share.oldest ?? next
    for (let compared = 1; compared < COMPARED; compared++) {
      const other = least.younger
      if (other === undefined || other === least) break
      const [spared, lesser] = this.#worth(other) < this.#worth(least) ? [least, other] : [other, least]
      this.#unlink(share, spared)
      this.#link(share, spared)
      least = lesser
    }
    return least
  }

  #link(share: TenantShare<Held>, member: Held): void {
    const { oldest } = share
    member.share = share
    member.younger = oldest ?? member
    member.older = oldest?.older ?? member
    if (member.older !== undefined) member.older.younger = member
    member.younger.older = member
    share.oldest ??= member
  }

  #unlink(share: TenantShare<Held>, member: Held): void {
    if (member.younger === member) share.oldest = undefined
    else if (share.oldest === member) share.oldest = member.younger
    if (member.older !== undefined) member.older.younger = member.younger
    if (member.younger !== undefined) member.younger.older = member.older
    member.share = undefined
    member.older = undefined
    member.younger = undefined
  }

  #weigh(share: TenantShare<Held>, change: number): void {
    share.weight += change
    if (share.weight > this.#quota) this.#aboveQuota.add(share)
    else this.#aboveQuota.delete(share)
  }
}
