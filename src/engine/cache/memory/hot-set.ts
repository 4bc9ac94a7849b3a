export interface Hot<Value> {
  readonly key: string
  /** Sum of the weights that were added to the key. Each added weight is halved after each half-life. */
  readonly weight: number
  readonly value: Value
}

interface Counted<Value> {
  weight: number
  readonly value: Value
}

/** Maximum exponent of 2 in the factor for new weights. If the exponent gets larger, all stored weights are scaled down. */
const MAX_EXPONENT = 64

/**
 * Bounded set of the keys with the largest recent weight. Older weights count less. The stored weights are not reduced; instead, new
 * weights are multiplied by a factor that grows with time (forward decay: Cormode, Shkapenyuk, Srivastava and Xu, 2009). The set may hold
 * twice as many keys as wanted. When the set is full, it drops the half of its keys with the smaller weights.
 */
export class HotSet<Value> {
  readonly #maxKeys: number
  readonly #halfLifeMs: number
  readonly #monotonic: () => number
  readonly #keys = new Map<string, Counted<Value>>()
  #since: number
  #additions = 0

  /** Creates an empty set. @param monotonic Returns the time of a monotonic clock, ms. */
  constructor({
    maxKeys,
    halfLifeMs,
    monotonic,
  }: { readonly maxKeys: number; readonly halfLifeMs: number; readonly monotonic: () => number }) {
    this.#maxKeys = maxKeys
    this.#halfLifeMs = halfLifeMs
    this.#monotonic = monotonic
    this.#since = monotonic()
  }

  /** Number of additions so far. */
  get additions(): number {
    return this.#additions
  }

  /** Adds a weight to a key. @param create Returns the value for a key that is not in the set; undefined if the key must not be added. */
  add(key: string, weight: number, create: () => Value | undefined): void {
    this.#additions++
    const grown = weight * this.#growth()
    const counted = this.#keys.get(key)
    if (counted) {
      counted.weight += grown
      return
    }
    const value = create()
    if (value === undefined) return
    if (this.#keys.size >= 2 * this.#maxKeys) this.#dropLighterHalf()
    this.#keys.set(key, { weight: grown, value })
  }

  /** Returns the keys with the largest weights, heaviest first. */
  hottest(): readonly Hot<Value>[] {
    const growth = this.#growth()
    return this.#sorted()
      .slice(0, this.#maxKeys)
      .map(([key, { weight, value }]) => ({ key, weight: weight / growth, value }))
  }

  #growth(): number {
    const exponent = (this.#monotonic() - this.#since) / this.#halfLifeMs
    if (exponent <= MAX_EXPONENT) return 2 ** exponent
    for (const counted of this.#keys.values()) counted.weight /= 2 ** exponent
    this.#since = this.#monotonic()
    return 1
  }

  #dropLighterHalf(): void {
    for (const [key] of this.#sorted().slice(this.#maxKeys)) this.#keys.delete(key)
  }

  #sorted(): [string, Counted<Value>][] {
    return [...this.#keys].sort(([, a], [, b]) => b.weight - a.weight)
  }
}
