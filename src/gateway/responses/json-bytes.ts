/** Memory of an object with its hash table of members, bytes. */
const BYTES_PER_OBJECT = 64
/** Memory of an object member whose name no other object has, bytes. */
const BYTES_PER_MEMBER = 120
const BYTES_PER_LIST = 48
const BYTES_PER_VALUE = 16
const BYTES_PER_TEXT = 24

/**
 * Estimates the memory of a parsed JSON value, bytes. The estimate is an upper bound. A parsed value, such as an empty object, may take far
 * more memory than its text.
 */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string') return BYTES_PER_TEXT + 2 * value.length
  if (typeof value !== 'object' || value === null) return BYTES_PER_VALUE
  if (Array.isArray(value)) return value.reduce((bytes: number, item) => bytes + 8 + jsonBytes(item), BYTES_PER_LIST)
  let bytes = BYTES_PER_OBJECT
  for (const [name, member] of Object.entries(value)) bytes += BYTES_PER_MEMBER + 2 * name.length + jsonBytes(member)
  return bytes
}
