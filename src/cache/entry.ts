import { Binary } from './binary.ts'

/** A cached value with what decides whether it may be served. */
export interface Entry<Value = unknown> {
  readonly value: Value
  /** Complete tags: see tags.ts. */
  readonly tags: readonly string[]
  /** The tags' places in the sketch. */
  readonly slots: Uint32Array
  /** The database's history that the value was read from. */
  readonly epoch: string
  /** The clock when the load started; raised whenever the entry is found current at a later clock. */
  stamp: number
  /** Wall clock, when the load started, ms. */
  readonly loadedAt: number
  /** Wall clock after which the value is known to be wrong, ms; Infinity where nothing is known. */
  readonly until: number
  /** How long this value lives in all, where its loader or its absence decided that instead of the policy, ms. */
  readonly ttlMs: number | undefined
  /** How long the load took, ms. */
  readonly costMs: number
}

/** Makes a value safe to hand out to several readers. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  // Bytes cannot be frozen.
  if (ArrayBuffer.isView(value)) return value
  Object.freeze(value)
  for (const name in value) {
    const part = value[name]
    if (typeof part === 'object' && part !== null) deepFreeze(part)
  }
  return value
}

/** A rough measure of what a value holds in memory, bytes. */
export function sizeOf(value: unknown): number {
  // Whoever sends bytes keeps them compressed as well: together about as much again.
  if (value instanceof Binary) return sizeOf(value.head) + 2 * value.bytes.byteLength
  if (typeof value === 'string') return 16 + value.length * 2
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 32
  for (const [name, part] of Object.entries(value)) bytes += 8 + (Array.isArray(value) ? 0 : name.length) + sizeOf(part)
  return bytes
}
