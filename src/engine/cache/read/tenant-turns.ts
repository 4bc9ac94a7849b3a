/**
 * A queue in which tenants take turns: the tenant that has waited longest since its last turn is next. A Map iterates in the order of
 * insertion, and a tenant is inserted again after its turn.
 */
export class TenantTurns<Item> {
  readonly #queues = new Map<string, Item[]>()

  add(tenant: string, item: Item): void {
    const queue = this.#queues.get(tenant)
    if (queue) queue.push(item)
    else this.#queues.set(tenant, [item])
  }

  /**
   * Removes and returns the next item that is accepted; undefined if there is none. Items that are not accepted are removed, and do not
   * use up their tenant's turn.
   */
  next(accepts: (item: Item) => boolean): Item | undefined {
    for (const [tenant, queue] of this.#queues) {
      this.#queues.delete(tenant)
      let next = queue.shift()
      while (next !== undefined && !accepts(next)) next = queue.shift()
      if (queue.length > 0) this.#queues.set(tenant, queue)
      if (next !== undefined) return next
    }
    return undefined
  }

  /** Removes all items that `fits` accepts, and returns them with their tenants. */
  removeWhere(fits: (item: Item) => boolean): readonly (readonly [string, Item])[] {
    const removed: [string, Item][] = []
    for (const [tenant, queue] of this.#queues) {
      const kept: Item[] = []
      for (const item of queue) {
        if (fits(item)) removed.push([tenant, item])
        else kept.push(item)
      }
      if (kept.length > 0) this.#queues.set(tenant, kept)
      else this.#queues.delete(tenant)
    }
    return removed
  }
}
