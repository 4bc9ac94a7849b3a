import type { Env } from '../model/env.ts'

/** A key in a sample, as far as the sample needs it. */
export interface SampledKey {
  /** Number that says whether the key is in the sample. */
  readonly hash: number
  /** Number of the last period in which the key was used. */
  usedIn: number
}

export interface KeySampleOptions<Known> {
  readonly env: Pick<Env, 'monotonic'>
  /** Called for each key that leaves the sample. */
  readonly onLeave?: (known: Known) => void
  /** Called when half of the keys leave the sample. Otherwise what was counted when more keys were sampled would weigh more. */
  readonly onThinned: () => void
  /** Called when more keys come into the sample. The counts begin anew, because nothing is known of these keys. */
  readonly onWidened: () => void
}

/** Maximum number of keys in the sample. */
const MAX_KEYS = 4096
/** Maximum thinning of the sample: at least one in this many keys stays in it. */
const MAX_THINNING = 64
/** Length of the periods after which the sample is widened if few of its keys were used in the period, ms. */
const PERIOD_MS = 10 * 60_000

/**
 * A sample of keys by their hashes, of bounded size (Waldspurger and others, 2015). Whether a key is in it depends on its hash only. With many keys, every
 * other key leaves it, again and again. When few of its keys are in use, such as after a scan, keys come in again.
 */
export class KeySample<Id, Known extends SampledKey> {
  readonly #options: KeySampleOptions<Known>
  readonly #keys = new Map<Id, Known>()
  /** A key is in the sample if its hash has no bit in common with the mask. */
  #mask = 0
  #period = 0
  #began: number
  #used = 0

  constructor(options: KeySampleOptions<Known>) {
    this.#options = options
    this.#began = options.env.monotonic()
  }

  has(hash: number): boolean {
    return (hash & this.#mask) === 0
  }

  get(id: Id): Known | undefined {
    return this.#keys.get(id)
  }

  /** Adds a key, or replaces what is known of it. */
  set(id: Id, known: Known): void {
    this.#keys.set(id, known)
    if (this.#keys.size > MAX_KEYS) this.thin()
  }

  /** Records that a key is in use. */
  use(known: SampledKey): void {
    if (known.usedIn === this.#period) return
    known.usedIn = this.#period
    this.#used++
  }

  /** Takes every other key out of the sample. Once few keys are sampled, the oldest keys leave it if there are too many. */
  thin(): void {
    const isThin = this.#mask >= MAX_THINNING - 1
    if (!isThin) {
      this.#mask = this.#mask * 2 + 1
      this.#options.onThinned()
    }
    let surplus = isThin && this.#keys.size > MAX_KEYS ? MAX_KEYS / 2 : 0
    for (const [id, known] of this.#keys) if (surplus-- > 0 || !this.has(known.hash)) this.#leave(id, known)
  }

  /** Widens the sample if few of its keys were used in a whole period. @param isBusy Whether it must not be widened, although its keys are few. */
  fit(isBusy = false): void {
    const now = this.#options.env.monotonic()
    if (now - this.#began < PERIOD_MS) return
    let expected = this.#used
    if (this.#mask > 0 && expected < MAX_KEYS / 4 && !isBusy) {
      for (; this.#mask > 0 && expected < MAX_KEYS / 4; expected *= 2) this.#mask = (this.#mask - 1) / 2
      // The keys of a scan that is over must not take the room of those that come in.
      for (const [id, known] of this.#keys) if (known.usedIn !== this.#period) this.#leave(id, known)
      this.#options.onWidened()
    }
    this.#period++
    this.#began = now
    this.#used = 0
  }

  #leave(id: Id, known: Known): void {
    this.#keys.delete(id)
    this.#options.onLeave?.(known)
  }
}
