import { GatewayError } from '../errors.ts'
import { quote } from '../generator/quote.ts'

const GLOBAL_ID = /^[A-Za-z0-9_-]{4,400}$/
const LOCAL_ID = /^([A-Z][A-Za-z0-9]{0,62}):(.{1,255})$/s
const ROW_ID = /^[1-9]\d{0,14}$/

const EXAMPLE = toGlobalId('Campaign', 1)

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

export function isGlobalId(globalId: string): boolean {
  return parseGlobalId(globalId) !== null
}

/** What a client is told of a text that is no global id. */
export function notGlobalId(given: string): string {
  return `Expected an id as the field \`id\` of an object gives it, such as ${quote(EXAMPLE)}, got ${quote(given, 40)}: send it unchanged.`
}

/**
 * The id of a row of `type`; null for a global id that can be no row's: one of another type, or not an integer that the database
 * could hold.
 * @throws GatewayError BAD_USER_INPUT for a text that is no global id.
 */
export function rowIdOf(type: string, globalId: string): number | null {
  const parsed = requireGlobalId(globalId)
  return parsed.type === type && ROW_ID.test(parsed.id) ? Number(parsed.id) : null
}

/** The same for an id that need not be given: absent and null give null, an empty text is no id. */
export function optionalRowId(type: string, globalId: string | null | undefined): number | null {
  return globalId == null ? null : rowIdOf(type, globalId)
}

/** @throws GatewayError BAD_USER_INPUT for a text that is no global id. */
export function requireGlobalId(globalId: string): GlobalId {
  const parsed = parseGlobalId(globalId)
  if (!parsed) throw new GatewayError('BAD_USER_INPUT', notGlobalId(globalId))
  return parsed
}
