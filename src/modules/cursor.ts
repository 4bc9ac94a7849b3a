import { GatewayError } from '../errors.ts'
import type { KeysetOrder, KeysetPosition } from './keyset-list.ts'

/** What a cursor continues: one table in one order. It fits every list with that order, whatever its filter. */
export interface CursorScope {
  readonly list: string
  readonly order: KeysetOrder
}

const MOMENT = /^(?!0000)\d{4}-/
const CURSOR = /^[A-Za-z0-9_-]{1,1000}$/

/** The position of a row, opaque to clients. */
export function encodeCursor(scope: CursorScope, { key, id }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([scopeName(scope), key, id])).toString('base64url')
}

/** @throws GatewayError BAD_USER_INPUT for what is no cursor, or one of another list or ordering. */
export function decodeCursor(scope: CursorScope, cursor: string): KeysetPosition {
  const content = CURSOR.test(cursor) ? parseJson(Buffer.from(cursor, 'base64url').toString()) : undefined
  if (!Array.isArray(content) || content.length !== 3) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      'Expected as `after` a cursor of this list, got something else: send an `endCursor` unchanged, or leave `after` out.',
    )
  }
  const [name, key, id]: readonly unknown[] = content
  if (name !== scopeName(scope)) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      'The cursor in `after` belongs to another list or another `orderBy`: ask in the order it came from, or leave `after` out.',
    )
  }
  if (!isKey(key, scope.order) || typeof id !== 'number' || !Number.isSafeInteger(id) || encodeCursor(scope, { key, id }) !== cursor) {
    throw new GatewayError('BAD_USER_INPUT', 'The cursor in `after` was changed: send an `endCursor` unchanged, or leave `after` out.')
  }
  return { key, id }
}

function scopeName({ list, order }: CursorScope): string {
  return `${list}.${order.column}.${order.direction}`
}

function isKey(key: unknown, order: KeysetOrder): key is KeysetPosition['key'] {
  if (key === null) return order.nullable === true
  if (order.type === 'int8') return typeof key === 'number' && Number.isSafeInteger(key)
  if (typeof key !== 'string' || key.includes('\0') || !key.isWellFormed()) return false
  return order.type === 'text' || isMoment(key)
}

/** Whether it is a time as rows have it: the years 0001 to 9999, which JavaScript's own times exceed and the database's do not all. */
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
