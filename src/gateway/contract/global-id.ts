import { GatewayError } from '../../errors.ts'
import { quote } from './quote.ts'

const GLOBAL_ID = /^[A-Za-z0-9_-]{4,400}$/
const LOCAL_ID = /^([A-Z][A-Za-z0-9]{0,62}):(.{1,255})$/s
const ROW_ID = /^[1-9]\d{0,14}$/

const EXAMPLE = toGlobalId('Campaign', 1)

export interface GlobalId {
  readonly type: string
  readonly id: string
}

/** Returns the id that clients see: opaque, and unique across all types. */
export function toGlobalId(type: string, id: string | number): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}

/** Parses a global id. Returns null for any text that {@link toGlobalId} never returns, so that each object has exactly one global id. */
export function parseGlobalId(globalId: string): GlobalId | null {
  if (!GLOBAL_ID.test(globalId)) return null
  const [, type, id] = LOCAL_ID.exec(Buffer.from(globalId, 'base64url').toString()) ?? []
  return type !== undefined && id !== undefined && toGlobalId(type, id) === globalId ? { type, id } : null
}

/** Returns the part of a global id that identifies the object within its type; undefined for a text that is no global id. */
export function localId(globalId: string): string | undefined {
  return parseGlobalId(globalId)?.id
}

export function isGlobalId(globalId: string): boolean {
  return parseGlobalId(globalId) !== null
}

/** Error message for a text that is no global id. */
export function notGlobalId(given: string): string {
  return `Expected an id as the field \`id\` of an object gives it, such as ${quote(EXAMPLE)}, got ${quote(given, 40)}: send it unchanged.`
}

/**
 * Returns the id of a row of `type`; null for a global id that cannot be the id of such a row, because it names another type or contains no
 * integer that the database can hold.
 * @throws GatewayError BAD_USER_INPUT for a text that is no global id.
 */
export function rowIdOf(type: string, globalId: string): number | null {
  const parsed = requireGlobalId(globalId)
  return parsed.type === type ? parseRowId(parsed.id) : null
}

/**
 * Parses the id of a row: a safe integer, written as the database writes it, without leading zeros. Returns null for any other text. So no
 * two texts are the id of the same row.
 */
export function parseRowId(text: string): number | null {
  return ROW_ID.test(text) ? Number(text) : null
}

/**
 * Returns the id of a row as {@link rowIdOf} does, for an optional argument: null if the argument is absent or null. An empty text is
 * refused.
 */
export function optionalRowId(type: string, globalId: string | null | undefined): number | null {
  return globalId == null ? null : rowIdOf(type, globalId)
}

/** Parses a global id. @throws GatewayError BAD_USER_INPUT for a text that is no global id. */
export function requireGlobalId(globalId: string): GlobalId {
  const parsed = parseGlobalId(globalId)
  if (!parsed) throw new GatewayError('BAD_USER_INPUT', notGlobalId(globalId))
  return parsed
}
