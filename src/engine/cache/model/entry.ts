import { Binary } from './binary.ts'

/** A cached value and the facts that decide whether it may be served. */
export interface Entry<Value = unknown> {
  readonly value: Value
  /** All tags that can invalidate the entry: see `completeTags` in tags.ts. */
  readonly tags: readonly string[]
  /** Indexes of the tags' counters in the tag sketch, which stores the log position at which each tag was last invalidated. */
  readonly slots: Uint32Array
  /** Epoch (history of the database) from which the value was read. */
  readonly epoch: string
  /**
   * Position of the invalidation log up to which the entry is known to be valid. The first value is the position at the start of the load.
   * When a check finds the entry still valid at a later position, the later position becomes the value.
   */
  stamp: number
  /** Time when the load started, by the clock of the log's database, Unix epoch ms. */
  readonly loadedAt: number
  /**
   * Time at which the value changes without a write (for example because something in it expires), Unix epoch ms; Infinity if there is no
   * such time.
   */
  readonly until: number
  /** TTL that the loader set for this value, ms; undefined if the TTL of the policy applies. */
  readonly ttlMs: number | undefined
  /** Duration of the load, ms. */
  readonly costMs: number
}

/** Freezes a value deeply, so that no reader can change a value that other readers share. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  // JavaScript cannot freeze the bytes of a typed array.
  if (ArrayBuffer.isView(value)) return value
  Object.freeze(value)
  for (const name in value) {
    const part = value[name]
    if (typeof part === 'object' && part !== null) deepFreeze(part)
  }
  return value
}

/** Estimates the memory that a value takes, bytes. */
export function sizeOf(value: unknown): number {
  // The bytes count twice, because the gateway also keeps a compressed copy of them for its responses.
  if (value instanceof Binary) return sizeOf(value.head) + 2 * value.bytes.byteLength
  if (typeof value === 'string') return 16 + value.length * 2
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 32
  for (const [name, part] of Object.entries(value)) bytes += 8 + (Array.isArray(value) ? 0 : name.length) + sizeOf(part)
  return bytes
}
