/**
 * Hits of the best policy there can be: what is evicted is what is asked for again last (Belady, 1966). A key that is asked for
 * later than everything held is not taken in at all.
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
    // What a key's later access has replaced is still in the heap, and passed over.
    let [use, victim] = latest.pop()
    while (due[victim] !== use) [use, victim] = latest.pop()
    due[victim] = -1
    held--
  }
  return hits
}

/** For each access the place of the next one to its key; past the end, and different for each key, where there is none. */
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

/** A binary heap of keys, the one with the latest use on top. */
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

  /** @throws RangeError when it is empty. */
  pop(): readonly [use: number, key: number] {
    const top = [this.#uses[0], this.#keys[0]] as const
    const use = this.#uses.pop()
    const key = this.#keys.pop()
    if (use === undefined || key === undefined) throw new RangeError('Nothing is held.')
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
