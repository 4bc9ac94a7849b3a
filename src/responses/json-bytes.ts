/** An object with its members' table. */
const BYTES_PER_OBJECT = 64
/** A member with a name that no other object has. */
const BYTES_PER_MEMBER = 120
const BYTES_PER_LIST = 48
const BYTES_PER_VALUE = 16
const BYTES_PER_TEXT = 24

/** What a parsed JSON value takes in memory, bytes: an upper estimate, because empty objects take twenty times their text. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string') return BYTES_PER_TEXT + 2 * value.length
  if (typeof value !== 'object' || value === null) return BYTES_PER_VALUE
  if (Array.isArray(value)) return value.reduce((bytes: number, item) => bytes + 8 + jsonBytes(item), BYTES_PER_LIST)
  let bytes = BYTES_PER_OBJECT
  for (const [name, member] of Object.entries(value)) bytes += BYTES_PER_MEMBER + 2 * name.length + jsonBytes(member)
  return bytes
}
