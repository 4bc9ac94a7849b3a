const GLOBAL_ID = /^[A-Za-z0-9_-]{4,400}$/
const LOCAL_ID = /^([A-Z][A-Za-z0-9]{0,62}):(.{1,255})$/s
const ROW_ID = /^[1-9]\d{0,14}$/

export interface GlobalId {
  readonly type: string
  readonly id: string
}

/** The id that clients see: opaque to them, unique over all types. */
export function toGlobalId(type: string, id: string | number): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}

/** What a global id stands for; null for a text that {@link toGlobalId} never gives, so that one object has one id. */
export function parseGlobalId(globalId: string): GlobalId | null {
  if (!GLOBAL_ID.test(globalId)) return null
  const [, type, id] = LOCAL_ID.exec(Buffer.from(globalId, 'base64url').toString()) ?? []
  return type !== undefined && id !== undefined && toGlobalId(type, id) === globalId ? { type, id } : null
}

/** The id within its type, whatever the type; undefined for what is no global id. */
export function localId(globalId: string): string | undefined {
  return parseGlobalId(globalId)?.id
}

/**
 * The id of a row of `type`; null for what can be none: no global id, one of another type, or not an integer that the database
 * could hold.
 */
export function rowIdOf(type: string, globalId: string): number | null {
  const parsed = parseGlobalId(globalId)
  return parsed?.type === type && ROW_ID.test(parsed.id) ? Number(parsed.id) : null
}
