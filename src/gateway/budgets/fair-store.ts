/** An owner of entries (a user of a tenant, or all anonymous callers together) with a ring of its entries, least recently used first. */
interface Owner<Key, Value> {
  readonly name: string
  bytes: number
  leastUsed: Entry<Key, Value> | undefined
}

interface Entry<Key, Value> {
  readonly key: Key
  value: Value
  bytes: number
  owner: Owner<Key, Value>
  before: Entry<Key, Value>
  after: Entry<Key, Value>
}

export interface FairStoreOptions<Value> {
  /** Upper bound of the estimated size of all entries, bytes. */
  readonly maxBytes: number
  /** Estimates the size of a value together with its key, bytes. */
  readonly bytesOf: (value: Value) => number
}

/** Overhead of an entry besides its value, bytes: the entry object, its slot in the map, and its part of the owner object. */
export const BYTES_PER_ENTRY = 250

/**
 * A store with a maximum size in bytes, which its owners (callers) share fairly. An owner may fill space that no other owner needs. When
 * the store is full, the owner with the most bytes loses its least recently used entry: an owner that floods the store evicts its own
 * entries, and owners that need space end up with equal shares.
 *
 * The exact bytes of owners are not compared, so that each call takes constant time. Owners are compared by their step, which is the base-2
 * logarithm of their bytes. An owner in the highest step loses an entry. If the owner that stores a value is in this step, it is chosen.
 *
 * If a second owner uses an entry, the entry may move to the second owner. It moves if the second owner would have fewer bytes with the
 * entry than the first owner has now. So a flood by the first owner does not evict the entry.
 */
export class FairStore<Key, Value> {
  readonly #maxBytes: number
  readonly #bytesOf: (value: Value) => number
  readonly #entries = new Map<Key, Entry<Key, Value>>()
  readonly #owners = new Map<string, Owner<Key, Value>>()
  /** Owners by step: the index is the base-2 logarithm of an owner's bytes, rounded down. */
  readonly #steps: Set<Owner<Key, Value>>[] = []
  #bytes = 0

  constructor({ maxBytes, bytesOf }: FairStoreOptions<Value>) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
  }

  /** Estimated size of all entries, bytes; at most `maxBytes`. */
  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  /** Estimated size of an owner's entries, bytes. */
  bytesOf(owner: string): number {
    return this.#owners.get(owner)?.bytes ?? 0
  }

  /** Returns the value of a key, and marks the entry as the most recently used entry of its owner. */
  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    const { owner } = entry
    // The entries form a ring: the entry before `leastUsed` is the most recently used one. So if the used entry is `leastUsed` itself, it
    // is enough to let `leastUsed` refer to the next entry.
    if (owner.leastUsed === entry) owner.leastUsed = entry.after
    else if (owner.leastUsed?.before !== entry) {
      unlink(entry)
      link(entry, owner)
    }
    return entry.value
  }

  /**
   * Returns the value of a key, as {@link get} does. If the given owner has fewer bytes than the entry's owner even with this entry added,
   * the entry moves to the given owner.
   */
  use(key: Key, owner: string): Value | undefined {
    const value = this.get(key)
    const entry = this.#entries.get(key)
    if (entry && entry.owner.name !== owner && this.bytesOf(owner) + entry.bytes < entry.owner.bytes) {
      this.#leave(entry)
      this.#enter(entry, owner)
    }
    return value
  }

  /** Stores a value, unless the value alone is larger than the store. A previous value of the key is removed in either case. */
  set(key: Key, value: Value, owner: string): void {
    const bytes = BYTES_PER_ENTRY + this.#bytesOf(value)
    const held = this.#entries.get(key)
    if (held) this.#remove(held)
    if (bytes > this.#maxBytes) return
    const entry: Partial<Entry<Key, Value>> = { key, value, bytes }
    const added = entry as Entry<Key, Value>
    this.#entries.set(key, added)
    this.#enter(added, owner)
    while (this.#bytes > this.#maxBytes) this.#remove(this.#leastWorthy(added.owner))
  }

  /**
   * Returns the entry to evict: the least recently used entry of an owner in the highest step (see {@link FairStore}). If several owners
   * are in that step and one of them stores a value now, an entry of this owner is chosen.
   */
  #leastWorthy(newcomer: Owner<Key, Value>): Entry<Key, Value> {
    const highest = this.#steps.findLast((step) => step.size > 0)
    const [first] = highest ?? []
    const owner = highest?.has(newcomer) ? newcomer : first
    if (!owner?.leastUsed) throw new TypeError('Expected an entry to evict, but the store is empty.')
    return owner.leastUsed
  }

  #remove(entry: Entry<Key, Value>): void {
    this.#entries.delete(entry.key)
    this.#leave(entry)
  }

  #enter(entry: Entry<Key, Value>, name: string): void {
    let owner = this.#owners.get(name)
    if (!owner) {
      owner = { name, bytes: 0, leastUsed: undefined }
      this.#owners.set(name, owner)
    }
    link(entry, owner)
    this.#weigh(owner, entry.bytes)
  }

  #leave(entry: Entry<Key, Value>): void {
    const { owner } = entry
    unlink(entry)
    this.#weigh(owner, -entry.bytes)
    if (!owner.leastUsed) this.#owners.delete(owner.name)
  }

  #weigh(owner: Owner<Key, Value>, change: number): void {
    this.#stepOf(owner).delete(owner)
    owner.bytes += change
    this.#bytes += change
    if (owner.bytes > 0) this.#stepOf(owner).add(owner)
  }

  #stepOf({ bytes }: Owner<Key, Value>): Set<Owner<Key, Value>> {
    const step = Math.floor(Math.log2(Math.max(1, bytes)))
    for (let missing = this.#steps.length; missing <= step; missing++) this.#steps.push(new Set())
    return this.#steps[step] as Set<Owner<Key, Value>>
  }
}

/** Adds the entry to the owner's ring as the most recently used entry. */
function link<Key, Value>(entry: Entry<Key, Value>, owner: Owner<Key, Value>): void {
  const first = owner.leastUsed ?? entry
  entry.owner = owner
  entry.after = first
  entry.before = first === entry ? entry : first.before
  entry.before.after = entry
  first.before = entry
  owner.leastUsed = first
}

function unlink<Key, Value>(entry: Entry<Key, Value>): void {
  const { owner, before, after } = entry
  if (owner.leastUsed === entry) owner.leastUsed = after === entry ? undefined : after
  before.after = after
  after.before = before
}

/** Returns the owner of a caller's entries: a user of a tenant, or all anonymous callers together. */
export function ownerOf(caller: { readonly tenant: string; readonly userId: string } | null): string {
  return caller ? `${caller.tenant} ${caller.userId}` : ''
}
