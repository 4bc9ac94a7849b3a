import { GatewayError } from '../../errors.ts'
import type { KeysetOrder, KeysetPosition } from './keyset-list.ts'
import { unstorablePart } from './text-input.ts'

/** Lists for which a cursor is valid: all lists of one table in one order, whatever their filter. */
export interface CursorScope {
  readonly list: string
  readonly order: KeysetOrder
}

const MOMENT = /^(?!0000)\d{4}-/
const CURSOR = /^[A-Za-z0-9_-]{1,1000}$/

/** Encodes the position of a row as a cursor, which is opaque to clients: only the gateway reads its content. */
export function encodeCursor(scope: CursorScope, { key, id }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([scopeName(scope), key, id])).toString('base64url')
}

/** Cursors of a page that a client sends as an argument of a list, by the name of the argument. */
const SENT = { after: 'endCursor', before: 'startCursor' } as const

/**
 * Decodes a cursor.
 * @param argument The argument that contained the cursor.
 * @throws GatewayError BAD_USER_INPUT for a text that is no cursor, or a cursor of another list or order.
 */
export function decodeCursor(scope: CursorScope, cursor: string, argument: keyof typeof SENT): KeysetPosition {
  const remedy = `send ${argument === 'after' ? 'an' : 'a'} \`${SENT[argument]}\` unchanged, or leave \`${argument}\` out.`
  const content = CURSOR.test(cursor) ? parseJson(Buffer.from(cursor, 'base64url').toString()) : undefined
  if (!Array.isArray(content) || content.length !== 3) {
    throw new GatewayError('BAD_USER_INPUT', `Expected as \`${argument}\` a cursor of this list, got something else: ${remedy}`)
  }
  const [name, key, id]: readonly unknown[] = content
  if (name !== scopeName(scope)) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `The cursor in \`${argument}\` belongs to another list or another \`orderBy\`: send it to the list that returned it, or leave \`${argument}\` out.`,
    )
  }
  if (!isKey(key, scope.order) || typeof id !== 'number' || !Number.isSafeInteger(id) || encodeCursor(scope, { key, id }) !== cursor) {
    throw new GatewayError('BAD_USER_INPUT', `The cursor in \`${argument}\` was changed: ${remedy}`)
  }
  return { key, id }
}

function scopeName({ list, order }: CursorScope): string {
  return `${list}.${order.column}.${order.direction}`
}

function isKey(key: unknown, order: KeysetOrder): key is KeysetPosition['key'] {
  if (key === null) return order.nullable === true
  if (order.type === 'int8') return typeof key === 'number' && Number.isSafeInteger(key)
  if (typeof key !== 'string' || unstorablePart(key) !== undefined) return false
  return order.type === 'text' || isMoment(key)
}

/**
 * Returns whether a text is a time in the format of the rows, in the years 0001 to 9999. JavaScript also accepts years outside this range,
 * which PostgreSQL may refuse.
 */
function isMoment(text: string): boolean {
  const time = MOMENT.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString() === text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
