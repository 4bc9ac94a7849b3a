import type { Env } from '../model/env.ts'
import { hashText } from './frequency-sketch.ts'

/** Facts about the newest copy of a key that this process has seen. */
export interface SeenKey {
  /** Log position up to which the copy was known to be valid when it was stored. */
  readonly stamp: number
  /** End of the copy's total lifetime, Unix epoch ms. */
  readonly endsAt: number
  /** Whether all copies were dropped since then (full reset). */
  readonly isReset: boolean
}

/** Number of records that share a bucket. A new record replaces the oldest one of its bucket. */
const WAYS = 4
/** Memory of a record, bytes. */
const BYTES_PER_RECORD = 28
/** Share of the memory for entries that the records take in addition. */
const SHARE = 0.05
const MIN_RECORDS = 4096

/**
 * Remembers which keys had a copy, after the copy has left memory (a ghost cache). It holds hashes of the keys and takes a fixed amount of
 * memory: 5 % of `maxBytes`, at least 112 KiB. When it is full, the records that were written first are lost, and their keys count as never
 * seen. Two keys share a record if both hashes of the keys agree, which is improbable.
 */
export class SeenKeys {
  readonly #seeds: readonly [number, number]
  readonly #buckets: number
  /** Second hash of each key; 0 for an unused record. */
  readonly #hashes: Uint32Array
  readonly #stamps: Float64Array
  readonly #ends: Float64Array
  readonly #eras: Uint32Array
  /** Number of the write of each record, by which the oldest record of a bucket is found. */
  readonly #writes: Uint32Array
  #era = 0
  #written = 0

  /** Creates an empty record. @param maxBytes Maximum size of the entries in memory, bytes. */
  constructor(env: Pick<Env, 'random'>, maxBytes: number) {
    const wanted = Math.max(MIN_RECORDS, (maxBytes * SHARE) / BYTES_PER_RECORD)
    const records = 2 ** Math.floor(Math.log2(wanted))
    this.#seeds = [Math.floor(env.random() * 2 ** 32) | 0, Math.floor(env.random() * 2 ** 32) | 0]
    this.#buckets = records / WAYS
    this.#hashes = new Uint32Array(records)
    this.#stamps = new Float64Array(records)
    this.#ends = new Float64Array(records)
    this.#eras = new Uint32Array(records)
    this.#writes = new Uint32Array(records)
  }

  /** Notes that a copy of the key was stored. */
  note(key: string, stamp: number, endsAt: number): void {
    const hash = this.#hashOf(key)
    const first = this.#bucketOf(key)
    let at = first
    for (let record = first; record < first + WAYS; record++) {
      if (this.#hashes[record] === hash) {
        at = record
        break
      }
      if ((this.#writes[record] as number) < (this.#writes[at] as number)) at = record
    }
    this.#hashes[at] = hash
    this.#stamps[at] = stamp
    this.#ends[at] = endsAt
    this.#eras[at] = this.#era
    this.#writes[at] = ++this.#written
  }

  /** Returns the facts about the newest copy of the key; undefined if there was none, or if its record was replaced. */
  find(key: string): SeenKey | undefined {
    const hash = this.#hashOf(key)
    const first = this.#bucketOf(key)
    for (let at = first; at < first + WAYS; at++) {
      if (this.#hashes[at] !== hash) continue
      return { stamp: this.#stamps[at] as number, endsAt: this.#ends[at] as number, isReset: this.#eras[at] !== this.#era }
    }
    return undefined
  }

  /** Notes that all copies were dropped. */
  reset(): void {
    this.#era++
  }

  #hashOf(key: string): number {
    return (hashText(key, this.#seeds[0]) | 1) >>> 0
  }

  #bucketOf(key: string): number {
    return ((hashText(key, this.#seeds[1]) >>> 0) % this.#buckets) * WAYS
  }
}
