import { LRUCache } from 'lru-cache'
import type { Counted } from './frequency-sketch.ts'

type Segment = 'window' | 'probation' | 'protected'

/** An entry of {@link TinyLfu}. */
export class Member<Key extends string | number> implements Counted {
  readonly key: Key
  readonly weight: number
  frequency: number
  generation: number
  /** Segment that holds the entry; undefined once it was removed or evicted. */
  segment: Segment | undefined
  /** Number of entries that had been added to the cache when this entry was last moved to the young end of its segment. */
  movedAt = 0

  constructor(key: Key, weight: number, frequency: number, generation: number) {
    this.key = key
    this.weight = weight
    this.frequency = frequency
    this.generation = generation
    this.segment = undefined
  }
}

export interface TinyLfuOptions<Held> {
  readonly maxWeight: number
  /** Share of the maximum weight that the window gets, 0 to 1. The window admits new entries without comparing frequencies. */
  readonly windowShare: number
  /** Returns how much it is worth to keep an entry: its frequency, or less than 0 if the entry is useless. */
  readonly worth: (member: Held) => number
  /** Returns a random number, uniform in [0, 1). */
  readonly random: () => number
  /** Rules that may choose another victim than the oldest entry. */
  readonly precedence?: Precedence<Held>
  /** Called for each evicted entry, after the eviction. */
  readonly onEvict: (member: Held) => void
}

export interface Precedence<Held> {
  /** Returns the entry that may be evicted for the newcomer: `next` (the oldest entry) or another entry. */
  victim(next: Held, newcomer: Held): Held
  /** Returns whether the victim is evicted in any case. If not, the frequencies of the victim and the newcomer are compared. */
  mustYield(victim: Held, newcomer: Held): boolean
}

const PROTECTED_SHARE = 0.8
/**
 * Maximum number of entries that one addition moves between segments. A change of the window's share moves many entries. The maximum
 * spreads these moves over many additions.
 */
const MOVES_PER_ADDITION = 16
/**
 * Minimum frequency for random admission. Usually, an entry that leaves the window stays cached only if its frequency is higher than that
 * of the entry that must be evicted. From this minimum on, the entry sometimes stays although its frequency is not higher (defence against
 * hash flooding, as in Caffeine).
 */
const MIN_RANDOM_ADMISSION_WORTH = 6
const RANDOM_ADMISSION_RATE = 1 / 128
/**
 * Minimum number of additions between two moves of an entry to the young end of its segment, as a share of the number of cached entries.
 * This minimum saves most moves, and the hit ratio stays the same.
 */
const STILL_YOUNG = 1 / 32

/**
 * W-TinyLFU eviction (Einziger, Friedman and Manes, 2017; weights and jitter as in Caffeine). A new entry is admitted to a window, which is
 * an LRU. When the entry leaves the window, it is admitted to the main part only if its frequency is higher than that of each entry that
 * must be evicted for it. The main part is a segmented LRU: an entry that is used again moves to the protected segment. If the window takes
 * all the weight, the cache is a plain LRU.
 */
export class TinyLfu<Key extends string | number, Held extends Member<Key>> {
  readonly #options: TinyLfuOptions<Held>
  readonly #members = new Map<Key, Held>()
  readonly #segments: Readonly<Record<Segment, LRUCache<Key, Held>>>
  #windowWeight: number
  #weight = 0
  #additions = 0
  #youth = 0

  constructor(options: TinyLfuOptions<Held>) {
    this.#options = options
    this.#segments = { window: unbounded(), probation: unbounded(), protected: unbounded() }
    this.#windowWeight = this.#part(options.windowShare)
  }

  get size(): number {
    return this.#members.size
  }

  get weight(): number {
    return this.#weight
  }

  /** Returns all entries, in no particular order. Entries may be added and removed during the iteration. */
  values(): IterableIterator<Held> {
    return this.#members.values()
  }

  /** Sets the window's share of the maximum weight. The change takes effect gradually, with later additions. */
  set windowShare(share: number) {
    this.#windowWeight = this.#part(share)
  }

  /** Returns the entry of a key without counting a use. */
  find(key: Key): Held | undefined {
    return this.#members.get(key)
  }

  /**
   * Marks an entry as used. An entry on probation moves to the protected segment. Any other entry moves to the young end of its segment. If
   * the entry was moved recently, it stays where it is.
   */
  touch(member: Held): void {
    if (this.#additions - member.movedAt < this.#youth) return
    this.#rejuvenate(member)
  }

  /** Adds an entry that weighs at most `maxWeight`, under an unused key. The entry may be evicted immediately. */
  add(member: Held): void {
    this.#additions++
    this.#youth = Math.floor(this.#members.size * STILL_YOUNG)
    this.#members.set(member.key, member)
    this.#weight += member.weight
    this.#place(member, 'window')
    this.#shrinkWindow()
    while (this.#weight > this.#options.maxWeight) this.#evictNext(member)
    this.#shrinkProtected(MOVES_PER_ADDITION)
  }

  /** Replaces the entry of a key. Other entries may be evicted to make room. */
  replace(old: Held, member: Held): void {
    this.#members.set(member.key, member)
    this.#weight += member.weight - old.weight
    this.#leave(old)
    this.#place(member, old.segment === 'window' ? 'window' : 'protected')
    old.segment = undefined
    while (this.#weight > this.#options.maxWeight) this.#evictNext(member)
  }

  remove(member: Held): void {
    this.#members.delete(member.key)
    this.#weight -= member.weight
    this.#leave(member)
    member.segment = undefined
  }

  clear(): void {
    this.#members.clear()
    this.#weight = 0
    for (const segment of Object.values(this.#segments)) segment.clear()
  }

  #rejuvenate(member: Held): void {
    if (member.segment === 'probation') {
      this.#move(member, 'protected')
      this.#shrinkProtected(1)
    } else if (member.segment !== undefined) {
      member.movedAt = this.#additions
      this.#segments[member.segment].get(member.key)
    }
  }

  /**
   * Moves the oldest entries out of a window that is too large. While the cache is full, a moved entry stays cached only if it wins a
   * comparison of frequencies.
   */
  #shrinkWindow(): void {
    for (let moves = 0; moves < MOVES_PER_ADDITION && this.#segments.window.calculatedSize > this.#windowWeight; moves++) {
      const candidate = this.#oldest('window')
      if (candidate === undefined) return
      this.#move(candidate, 'probation')
      while (candidate.segment !== undefined && this.#weight > this.#options.maxWeight) this.#contest(candidate)
    }
  }

  #shrinkProtected(moves: number): void {
    const most = PROTECTED_SHARE * (this.#options.maxWeight - this.#windowWeight)
    for (let move = 0; move < moves && this.#segments.protected.calculatedSize > most; move++) {
      const member = this.#oldest('protected')
      if (member === undefined) return
      this.#move(member, 'probation')
    }
  }

  #contest(candidate: Held): void {
    const { precedence, worth, random } = this.#options
    const first = this.#oldest('probation')
    const next = (first === candidate ? this.#oldest('protected') : first) ?? candidate
    const victim = precedence?.victim(next, candidate) ?? next
    const gain = worth(candidate)
    const wins =
      victim !== candidate &&
      (precedence?.mustYield(victim, candidate) ||
        gain > worth(victim) ||
        (gain >= MIN_RANDOM_ADMISSION_WORTH && random() < RANDOM_ADMISSION_RATE))
    this.#evict(wins ? victim : (this.#worthless() ?? candidate))
  }

  /** Returns the oldest protected entry if it is useless now (such as expired), in spite of its frequent past use. */
  #worthless(): Held | undefined {
    const member = this.#oldest('protected')
    return member !== undefined && this.#options.worth(member) < 0 ? member : undefined
  }

  #evictNext(newcomer: Held): void {
    const next = this.#oldest('probation') ?? this.#oldest('protected') ?? this.#oldest('window') ?? newcomer
    this.#evict(this.#options.precedence?.victim(next, newcomer) ?? next)
  }

  #evict(member: Held): void {
    this.remove(member)
    this.#options.onEvict(member)
  }

  #move(member: Held, to: Segment): void {
    this.#leave(member)
    this.#place(member, to)
  }

  #place(member: Held, where: Segment): void {
    member.segment = where
    member.movedAt = this.#additions
    this.#segments[where].set(member.key, member)
  }

  #leave(member: Held): void {
    if (member.segment !== undefined) this.#segments[member.segment].delete(member.key)
  }

  #oldest(where: Segment): Held | undefined {
    return this.#segments[where].rvalues().next().value ?? undefined
  }

  #part(share: number): number {
    return Math.max(1, Math.round(this.#options.maxWeight * share))
  }
}

/** Creates a list that never evicts by itself, because the weight limit applies to all segments together. */
function unbounded<Key extends string | number, Held extends Member<Key>>(): LRUCache<Key, Held> {
  return new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: ({ weight }) => weight })
}
