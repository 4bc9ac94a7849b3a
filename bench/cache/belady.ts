/**
 * Returns the number of hits of the optimal cache policy: it evicts the key whose next access is the latest (Belady, 1966). A key whose
 * next access is later than those of all cached keys is not admitted.
 */
export function beladyHits(accesses: Uint32Array, keys: number, capacity: number): number {
  const next = nextUses(accesses, keys)
  const due = new Int32Array(keys).fill(-1)
  const latest = new LatestFirst()
  let held = 0
  let hits = 0
  for (const [at, key] of accesses.entries()) {
    if ((due[key] as number) >= 0) hits++
    else held++
    const nextUse = next[at] as number
    due[key] = nextUse
    latest.push(nextUse, key)
    if (held <= capacity) continue
    // The heap still contains outdated entries of keys that were accessed again later. They are skipped.
    let [use, victim] = latest.pop()
    while (due[victim] !== use) [use, victim] = latest.pop()
    due[victim] = -1
    held--
  }
  return hits
}

/**
 * Returns for each access the position of the next access to the same key. If there is no next access, the position is past the end, and
 * different for each key.
 */
function nextUses(accesses: Uint32Array, keys: number): Int32Array {
  const next = new Int32Array(accesses.length)
  const seen = new Int32Array(keys)
  for (let key = 0; key < keys; key++) seen[key] = accesses.length + key
  for (let at = accesses.length - 1; at >= 0; at--) {
    const key = accesses[at] as number
    next[at] = seen[key] as number
    seen[key] = at
  }
  return next
}

/** A binary heap of keys. The key whose next use is the latest is at the top. */
class LatestFirst {
  readonly #uses: number[] = []
  readonly #keys: number[] = []

  push(use: number, key: number): void {
    let at = this.#uses.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#uses[parent] as number) >= use) break
      this.#put(at, this.#uses[parent] as number, this.#keys[parent] as number)
      at = parent
    }
    this.#put(at, use, key)
  }

  /** Removes the key at the top. @throws RangeError if the heap is empty. */
  pop(): readonly [use: number, key: number] {
    const top = [this.#uses[0], this.#keys[0]] as const
    const use = this.#uses.pop()
    const key = this.#keys.pop()
    if (use === undefined || key === undefined) throw new RangeError('Cannot remove a key: the heap is empty.')
    const length = this.#uses.length
    if (length > 0) {
      let at = 0
      for (;;) {
        let child = 2 * at + 1
        if (child >= length) break
        if (child + 1 < length && (this.#uses[child + 1] as number) > (this.#uses[child] as number)) child++
        if ((this.#uses[child] as number) <= use) break
        this.#put(at, this.#uses[child] as number, this.#keys[child] as number)
        at = child
      }
      this.#put(at, use, key)
    }
    return [top[0] as number, top[1] as number]
  }

  #put(at: number, use: number, key: number): void {
    this.#uses[at] = use
    this.#keys[at] = key
  }
}
