import type { Coherence } from '../log/coherence.ts'
import { hashText } from '../memory/frequency-sketch.ts'
import { KeySample, type SampledKey } from '../memory/key-sample.ts'
import { Binary } from '../model/binary.ts'
import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
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
  readonly env: Pick<Env, 'monotonic'>
  readonly coherence: Pick<Coherence, 'now' | 'epoch' | 'clock' | 'isCurrent' | 'slots'>
  /** Whether there is a shared tier. */
  readonly isShared: boolean
}

/** Moment before a load. A write that is applied later voids the loaded value. */
export interface LoadStart extends Pick<Held, 'epoch' | 'stamp'> {
  /** Time by the clock of the log's database, Unix epoch ms. */
  readonly loadedAt: number
}

/** Seeds of two hashes of a text. They are fixed, so that the cache draws the same random numbers with and without this class. */
const SEEDS = [0x5bd1e995, 0x1b873593] as const

interface Held extends SampledKey {
  readonly value: number
  readonly epoch: string
  readonly stamp: number
  /** End of its lifetime, by the clock of the log's database, Unix epoch ms. */
  readonly endsAt: number
  /** Hash of the text of the key whose load returned the value. */
  readonly key: number
}

type Row = { -readonly [Name in keyof RepeatedLoads]: RepeatedLoads[Name] }

/** Maximum number of comparisons in a second. If there are more, half of the keys leave the sample. */
const MAX_PER_SECOND = 300
/** Time without such a second after which keys may come into the sample again, ms. */
const QUIET_MS = 10 * 60_000
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
  readonly #held: KeySample<number, Held>
  readonly #rows = new Map<string, Row>()
  #secondBegan = Number.NEGATIVE_INFINITY
  #inSecond = 0
  /** Time of the monotonic clock at which a second last had too many comparisons, ms. */
  #busyAt = Number.NEGATIVE_INFINITY

  constructor(options: RepeatedValuesOptions) {
    this.#options = options
    this.#held = new KeySample({
      env: options.env,
      onThinned: () => this.#rows.forEach(halve),
      onWidened: () => this.#rows.clear(),
    })
  }

  /** Records a value that was loaded for a key with parts that may be left out. */
  loaded({ key, parts }: CacheRequest, entry: Entry, policy: CachePolicy): void {
    if (!parts || entry.value === undefined || !this.#hasBudget()) return
    const { coherence, isShared } = this.#options
    const now = coherence.now()
    const keyHash = hashText(key.text, SEEDS[0])
    let value: number | undefined
    for (const { part, text } of parts()) {
      const hash = hashText(text, SEEDS[0])
      if (!this.#held.has(hash)) continue
      value ??= hashOf(entry.value)
      if (value === undefined) return
      const endsAt = now + remainingMs(entry, policy, isShared, now)
      const isValid = ({ epoch, stamp }: Held) => coherence.isCurrent(epoch, stamp, entry.slots)
      this.#compare(
        this.#rowOf(policy.name, part),
        `${part} ${text}`,
        { value, epoch: entry.epoch, stamp: entry.stamp, endsAt, hash, key: keyHash, usedIn: -1 },
        isValid,
      )
    }
  }

  /** Returns the present moment, for {@link uncached}. */
  loadStart(): LoadStart {
    const { coherence } = this.#options
    return { epoch: coherence.epoch, stamp: coherence.clock, loadedAt: coherence.now() }
  }

  /**
   * Records the value of a field without a policy. Never throws: a value that can have no key is not compared.
   * @param requestOf Returns key and tags that it would have with a policy. @param start Moment before its load.
   */
  uncached(policy: string, requestOf: () => CacheRequest, loaded: unknown, { loadedAt, epoch, stamp }: LoadStart): void {
    if (loaded instanceof Error || !this.#hasBudget()) return
    const request = requestIn(requestOf)
    if (!request) return
    const { text } = request.key
    const hash = hashText(text, SEEDS[0])
    if (!this.#held.has(hash)) return
    const { coherence, isShared } = this.#options
    const value = hashOf(loaded)
    if (value === undefined) return
    const endsAt = loadedAt + (isShared ? ADVISED.l2Ms : ADVISED.l1Ms)
    const slots = coherence.slots(completeTags(request.tags))
    // A value that a write overtook during its load is neither a repetition nor a difference.
    if (!coherence.isCurrent(epoch, stamp, slots)) return
    const isValid = (held: Held) => coherence.isCurrent(held.epoch, held.stamp, slots)
    this.#compare(this.#rowOf(policy, WHOLE_KEY), text, { value, epoch, stamp, endsAt, hash, key: hash, usedIn: -1 }, isValid)
  }

  /** Returns what was found so far. */
  estimate(): readonly RepeatedLoads[] {
    return [...this.#rows.values()].map((row) => ({ ...row }))
  }

  /** @param isValid Returns whether no invalidation voids a value of this key that was loaded earlier. */
  #compare(row: Row, text: string, loaded: Held, isValid: (held: Held) => boolean): void {
    row.loads++
    if (++this.#inSecond === MAX_PER_SECOND) {
      this.#busyAt = this.#options.env.monotonic()
      this.#held.thin()
    }
    const place = hashText(text, SEEDS[0]) * 2 ** 21 + (hashText(text, SEEDS[1]) >>> 11)
    const held = this.#held.get(place)
    const isAlive = held !== undefined && held.endsAt > this.#options.coherence.now() && isValid(held)
    // A key that is loaded again, such as after an eviction, says nothing about its parts: with fewer of them it would have been loaded too.
    const isOwn = row.part !== WHOLE_KEY && held?.key === loaded.key
    if (isAlive && !isOwn && held.value === loaded.value) {
      row.repeated++
      this.#held.use(held)
    } else {
      if (isAlive && !isOwn) row.differing++
      if (held) loaded.usedIn = held.usedIn
      this.#held.use(loaded)
      this.#held.set(place, loaded)
    }
    if (row.loads > MEMORY) halve(row)
  }

  /**
   * Whether a value may still be compared in this second. Values are skipped only until the sample is thin enough. From then on, a hash of the key
   * decides whether it is compared, whatever it returned.
   */
  #hasBudget(): boolean {
    const now = this.#options.env.monotonic()
    if (now - this.#secondBegan >= 1000) {
      this.#secondBegan = now
      this.#inSecond = 0
      this.#held.fit(now - this.#busyAt < QUIET_MS)
    }
    return this.#inSecond < MAX_PER_SECOND
  }

  #rowOf(policy: string, part: string): Row {
    const id = `${policy} ${part}`
    const row = this.#rows.get(id) ?? { policy, part, loads: 0, repeated: 0, differing: 0 }
    this.#rows.set(id, row)
    return row
  }
}

function halve(row: Row): void {
  row.loads /= 2
  row.repeated /= 2
  row.differing /= 2
}

function requestIn(requestOf: () => CacheRequest): CacheRequest | undefined {
  try {
    return requestOf()
  } catch {
    return undefined
  }
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
