/** One owner's entries, in a ring from the one that was unused longest to the one that was used last. */
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
  /** Upper bound of what all entries take, bytes. */
  readonly maxBytes: number
  /** What a value takes, bytes; its key included. */
  readonly bytesOf: (value: Value) => number
}

/** What an entry takes besides its value, bytes: itself, its place in the map, and its part of an owner. */
export const BYTES_PER_ENTRY = 250

/**
 * A store that is bounded in bytes and that its owners share fairly. An owner may fill what nobody else wants. When there is no room,
 * the owner with most bytes gives up what it used least lately: so one who floods the store pushes out what is its own, and
 * everybody keeps as much as any other. Owners are compared in steps of powers of two, so that a call takes constant time: in the
 * highest step the one who wants the room goes first.
 *
 * An entry that several owners use belongs to the one of them who has less, so that a flood does not take it along.
 */
export class FairStore<Key, Value> {
  readonly #maxBytes: number
  readonly #bytesOf: (value: Value) => number
  readonly #entries = new Map<Key, Entry<Key, Value>>()
  readonly #owners = new Map<string, Owner<Key, Value>>()
  /** Owners by the logarithm of their bytes. */
  readonly #steps: Set<Owner<Key, Value>>[] = []
  #bytes = 0

  constructor({ maxBytes, bytesOf }: FairStoreOptions<Value>) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
  }

  /** The estimated bytes of all entries; never above the bound. */
  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  /** The estimated bytes of what an owner has. */
  bytesOf(owner: string): number {
    return this.#owners.get(owner)?.bytes ?? 0
  }

  /** Counts as a use by the entry's owner. */
  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    const { owner } = entry
    // The ring turns: the entry in the place of the one that was used last is the one before the first.
    if (owner.leastUsed === entry) owner.leastUsed = entry.after
    else if (owner.leastUsed?.before !== entry) {
      unlink(entry)
      link(entry, owner)
    }
    return entry.value
  }

  /** Counts as a use by this owner. */
  use(key: Key, owner: string): Value | undefined {
    const value = this.get(key)
    const entry = this.#entries.get(key)
    if (entry && entry.owner.name !== owner && this.bytesOf(owner) + entry.bytes < entry.owner.bytes) {
      this.#leave(entry)
      this.#enter(entry, owner)
    }
    return value
  }

  /** Keeps a value, unless it alone takes more than there is; the old value is gone in either case. */
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

  /** Of the owner with most; where the newcomer's owner is one of those, of that one. */
  #leastWorthy(newcomer: Owner<Key, Value>): Entry<Key, Value> {
    const highest = this.#steps.findLast((step) => step.size > 0)
    const [first] = highest ?? []
    const owner = highest?.has(newcomer) ? newcomer : first
    if (!owner?.leastUsed) throw new TypeError('A store without entries has no room for one.')
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

/** Makes it the entry that was used last. */
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

/** Who an entry belongs to: a user of a tenant, or all anonymous callers together. */
export function ownerOf(caller: { readonly tenant: string; readonly userId: string } | null): string {
  return caller ? `${caller.tenant} ${caller.userId}` : ''
}
