import type { LiveGroup } from './live-group.ts'

/** Newest results of the live queries of one tenant. */
interface TenantSizes {
  bytes: number
  readonly groups: Map<LiveGroup, number>
}

/**
 * Sizes of the newest results of live queries, by tenant. Tenants share a limit fairly: a tenant may fill room that no other one needs. When
 * there is no room, the tenant with the most bytes gives way. So a tenant with at most an equal share never loses a live query.
 */
export class ResultSizes {
  readonly #tenants = new Map<string, TenantSizes>()
  #bytes = 0

  /** Bytes of the newest results of all groups. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Reserves room for the next result of a group, in place of the one before.
   * @param maxBytes Limit of all results together.
   * @returns the groups of other tenants that must end, because their room is taken; undefined if there is no room. The room of the group's
   * result before then stays reserved.
   */
  reserve(group: LiveGroup, bytes: number, maxBytes: number): readonly LiveGroup[] | undefined {
    const change = bytes - (this.#tenants.get(group.tenant)?.groups.get(group) ?? 0)
    const yielding = this.#yielding(group.tenant, change, this.#bytes + change - maxBytes)
    if (!yielding) return undefined
    for (const other of yielding) this.release(other)
    this.#measure(group, bytes)
    return yielding
  }

  /** Gives back the room of a group's result. */
  release(group: LiveGroup): void {
    this.#measure(group, 0)
  }

  /** Returns the groups that give way to a tenant whose results grow, so that `missing` bytes become free; undefined if there are too few. */
  #yielding(tenant: string, change: number, missing: number): readonly LiveGroup[] | undefined {
    if (missing <= 0) return []
    const own = (this.#tenants.get(tenant)?.bytes ?? 0) + change
    const others = [...this.#tenants].filter(([name]) => name !== tenant).map(([, sizes]) => remainderOf(sizes))
    const yielding: LiveGroup[] = []
    let stillMissing = missing
    while (stillMissing > 0) {
      const heaviest = others.reduce<Remainder | undefined>((most, one) => (most && most.bytes >= one.bytes ? most : one), undefined)
      const largest = heaviest && heaviest.bytes > own ? heaviest.bySize.pop() : undefined
      if (!heaviest || !largest) return undefined
      const [group, bytes] = largest
      heaviest.bytes -= bytes
      stillMissing -= bytes
      yielding.push(group)
    }
    return yielding
  }

  #measure(group: LiveGroup, bytes: number): void {
    const sizes = this.#tenants.get(group.tenant) ?? { bytes: 0, groups: new Map<LiveGroup, number>() }
    const change = bytes - (sizes.groups.get(group) ?? 0)
    sizes.bytes += change
    this.#bytes += change
    if (bytes === 0) sizes.groups.delete(group)
    else sizes.groups.set(group, bytes)
    if (sizes.groups.size === 0) this.#tenants.delete(group.tenant)
    else this.#tenants.set(group.tenant, sizes)
  }
}

/** Results that a tenant would have left after some of its groups have given way. */
interface Remainder {
  bytes: number
  /** Groups with the sizes of their results, smallest first. */
  readonly bySize: [LiveGroup, number][]
}

function remainderOf({ bytes, groups }: TenantSizes): Remainder {
  return { bytes, bySize: [...groups].sort(([, one], [, other]) => one - other) }
}
