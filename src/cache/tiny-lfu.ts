import { LRUCache } from 'lru-cache'
import type { Counted } from './frequency-sketch.ts'

type Segment = 'window' | 'probation' | 'protected'

/** Something that takes part in {@link TinyLfu}. */
export class Member<Key extends string | number> implements Counted {
  readonly key: Key
  readonly weight: number
  frequency: number
  generation: number
  /** Where it is now; undefined once it is no longer held. */
  segment: Segment | undefined
  /** How many additions there had been when it was last moved to the young end of its segment. */
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
  /** The part of the weight that new members may take up without having to win against others, 0 to 1. */
  readonly windowShare: number
  /** What a member is worth keeping: its frequency, or less than 0 where it is of no more use. */
  readonly worth: (member: Held) => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Who may be made to leave instead of the member whose turn it is. */
  readonly precedence?: Precedence<Held>
  /** Called for each member that left for lack of room, once it has. */
  readonly onEvict: (member: Held) => void
}

export interface Precedence<Held> {
  /** Who leaves for the newcomer if anybody does: `next`, whose turn it is, or somebody else. */
  victim(next: Held, newcomer: Held): Held
  /** Whether the victim leaves without being compared. */
  mustYield(victim: Held, newcomer: Held): boolean
}

const PROTECTED_SHARE = 0.8
/** Moves between segments for each addition, so that a change of shares is spread over many. */
const MOVES_PER_ADDITION = 16
/** From this worth on a loser is let in now and then, so that counts driven up on purpose do not shut out everything for good. */
const LUCKY_WORTH = 6
const LUCK = 1 / 128
/** A member is not moved again before this part of the number of members was added: that costs no hits and saves most moves. */
const STILL_YOUNG = 1 / 32

/**
 * Who stays in a bounded space: W-TinyLFU (Einziger, Friedman and Manes, 2017; weights and jitter as in Caffeine). A newcomer
 * enters a window, least recently used first out; to get from there into the main part it must be worth more than each of those
 * that have to leave for it. The main part is a segmented LRU: who is used again is protected. With a window of all the space
 * this is plain LRU.
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

  /** Takes effect little by little, with the additions to come. */
  set windowShare(share: number) {
    this.#windowWeight = this.#part(share)
  }

  /** Does not count as a use. */
  find(key: Key): Held | undefined {
    return this.#members.get(key)
  }

  /** Makes a member young again. */
  touch(member: Held): void {
    if (this.#additions - member.movedAt < this.#youth) return
    this.#rejuvenate(member)
  }

  /** Takes in a member that weighs at most `maxWeight`, under a key that is free; it may be evicted at once. */
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

  /** Puts a member in the place of another of the same key. Others may be evicted for it. */
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

  /** Each that falls out of the window has to prove itself while there is no room. */
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
      victim !== candidate && (precedence?.mustYield(victim, candidate) || gain > worth(victim) || (gain >= LUCKY_WORTH && random() < LUCK))
    this.#evict(wins ? victim : (this.#worthless() ?? candidate))
  }

  /** One whom its past use protects although it is of no more use. */
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

/** Never evicts on its own account: the bound is one for all segments. */
function unbounded<Key extends string | number, Held extends Member<Key>>(): LRUCache<Key, Held> {
  return new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: ({ weight }) => weight })
}
