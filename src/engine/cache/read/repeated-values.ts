import type { Coherence } from '../log/coherence.ts'
import { hashText } from '../memory/frequency-sketch.ts'
import { Binary } from '../model/binary.ts'
import type { Entry } from '../model/entry.ts'
import { remainingMs } from '../model/lifetime.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest } from '../model/read.ts'
import { completeTags } from '../model/tags.ts'

/** Name of the part for loads of a field without a policy: their whole key is compared. */
export const WHOLE_KEY = ''

/** Loads of a policy, compared with what a key without one of its parts would have held. */
export interface RepeatedLoads {
  readonly policy: string
  /** Part that was left out, such as `argument asOf` or `scope`; {@link WHOLE_KEY} for a field without a policy. */
  readonly part: string
  /** Loads in the sample. Older ones weigh less. */
  readonly loads: number
  /** Loads whose value such a key would have held. */
  readonly repeated: number
  /** Loads for which such a key would have held another value. If there are more than a few, the value depends on the part. */
  readonly differing: number
}

export interface RepeatedValuesOptions {
  readonly coherence: Pick<Coherence, 'now' | 'epoch' | 'clock' | 'isCurrent' | 'slots'>
  /** Whether there is a shared tier. */
  readonly isShared: boolean
}

/** Seeds of two hashes of a text. They are fixed, so that the cache draws the same random numbers with and without this class. */
const SEEDS = [0x5bd1e995, 0x1b873593] as const

interface Held {
  readonly value: number
  readonly epoch: string
  readonly stamp: number
  /** End of its lifetime, by the clock of the log's database, Unix epoch ms. */
  readonly endsAt: number
  readonly hash: number
  /** Hash of the text of the key whose load returned the value. */
  readonly key: number
}

type Row = { -readonly [Name in keyof RepeatedLoads]: RepeatedLoads[Name] }

/** Maximum number of values that are remembered, as hashes. */
const MAX_VALUES = 4096
/** Maximum thinning of the sample: at least one in this many keys stays in it. */
const MAX_THINNING = 64
/** Number of loads of a row after which the earlier ones weigh half. */
const MEMORY = 20_000
/** TTLs of a field without a policy, as `@cache` is advised for it, ms. */
const ADVISED = { name: '', l1Ms: 60_000, l2Ms: 300_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 } satisfies CachePolicy

/**
 * Finds parts of keys that make no difference: loads that returned the value which a key without this part would have held at that moment, neither
 * expired nor invalidated. This shows how many loads such a key would have avoided. For fields without a policy it counts the loads that a
 * policy would have avoided. Only hashes of values are kept, of a sample of the keys, and only loads from the source pay for it.
 */
export class RepeatedValues {
  readonly #options: RepeatedValuesOptions
  readonly #held = new Map<number, Held>()
  readonly #rows = new Map<string, Row>()
  #mask = 0

  constructor(options: RepeatedValuesOptions) {
    this.#options = options
  }

  /** Records a value that was loaded for a key with parts that may be left out. */
  loaded({ key, parts }: CacheRequest, entry: Entry, policy: CachePolicy): void {
    if (!parts || entry.value === undefined) return
    const { coherence, isShared } = this.#options
    const now = coherence.now()
    const keyHash = hashText(key.text, SEEDS[0])
    let value: number | undefined
    for (const { part, text } of parts()) {
      const hash = hashText(text, SEEDS[0])
      if ((hash & this.#mask) !== 0) continue
      value ??= hashOf(entry.value)
      if (value === undefined) return
      const endsAt = now + remainingMs(entry, policy, isShared, now)
      const isValid = ({ epoch, stamp }: Held) => coherence.isCurrent(epoch, stamp, entry.slots)
      this.#compare(
        this.#rowOf(policy.name, part),
        `${part} ${text}`,
        { value, epoch: entry.epoch, stamp: entry.stamp, endsAt, hash, key: keyHash },
        isValid,
      )
    }
  }

  /** Records the value of a field without a policy. @param request Key and tags that it would have with a policy. */
  uncached(policy: string, { key: { text }, tags }: CacheRequest, loaded: unknown): void {
    const hash = hashText(text, SEEDS[0])
    if (loaded instanceof Error || (hash & this.#mask) !== 0) return
    const { coherence, isShared } = this.#options
    const value = hashOf(loaded)
    if (value === undefined) return
    const endsAt = coherence.now() + (isShared ? ADVISED.l2Ms : ADVISED.l1Ms)
    const isValid = ({ epoch, stamp }: Held) => coherence.isCurrent(epoch, stamp, coherence.slots(completeTags(tags)))
    this.#compare(
      this.#rowOf(policy, WHOLE_KEY),
      text,
      { value, epoch: coherence.epoch, stamp: coherence.clock, endsAt, hash, key: hash },
      isValid,
    )
  }

  /** Returns what was found so far. */
  estimate(): readonly RepeatedLoads[] {
    return [...this.#rows.values()].map((row) => ({ ...row }))
  }

  /** @param isValid Returns whether no invalidation voids a value of this key that was loaded earlier. */
  #compare(row: Row, text: string, loaded: Held, isValid: (held: Held) => boolean): void {
    row.loads++
    const place = hashText(text, SEEDS[0]) * 2 ** 21 + (hashText(text, SEEDS[1]) >>> 11)
    const held = this.#held.get(place)
    const isAlive = held !== undefined && held.endsAt > this.#options.coherence.now() && isValid(held)
    // A key that is loaded again, such as after an eviction, says nothing about its parts: with fewer of them it would have been loaded too.
    const isOwn = row.part !== WHOLE_KEY && held?.key === loaded.key
    if (isAlive && !isOwn && held.value === loaded.value) row.repeated++
    else {
      if (isAlive && !isOwn) row.differing++
      this.#held.set(place, loaded)
      if (this.#held.size > MAX_VALUES) this.#shrink()
    }
    if (row.loads > MEMORY) halve(row)
  }

  #rowOf(policy: string, part: string): Row {
    const id = `${policy} ${part}`
    const row = this.#rows.get(id) ?? { policy, part, loads: 0, repeated: 0, differing: 0 }
    this.#rows.set(id, row)
    return row
  }

  /** Takes every other key out of the sample. Once few keys are sampled, those leave it that have been in it for longest. */
  #shrink(): void {
    const isThin = this.#mask >= MAX_THINNING - 1
    if (!isThin) {
      this.#mask = this.#mask * 2 + 1
      // Otherwise the loads of the time when more keys were sampled would weigh more.
      for (const row of this.#rows.values()) halve(row)
    }
    let surplus = isThin ? MAX_VALUES / 2 : 0
    for (const [place, { hash }] of this.#held) if (surplus-- > 0 || (hash & this.#mask) !== 0) this.#held.delete(place)
  }
}

function halve(row: Row): void {
  row.loads /= 2
  row.repeated /= 2
  row.differing /= 2
}

/** Returns undefined for a value without a text, such as one with a BigInt or with a cycle. The read that loaded it must not fail for that. */
function hashOf(value: unknown): number | undefined {
  if (value instanceof Binary) return hashText(Buffer.from(value.bytes).toString('latin1'), SEEDS[1])
  try {
    const text: string | undefined = JSON.stringify(value)
    return text === undefined ? undefined : hashText(text, SEEDS[1])
  } catch {
    return undefined
  }
}
