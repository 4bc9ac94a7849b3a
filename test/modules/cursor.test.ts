import { describe, expect, it } from 'vitest'
import { type Connection, connectionPage, pageRequest } from '#src/gateway/contract/connection.ts'
import { type CursorScope, decodeCursor, encodeCursor } from '#src/gateway/contract/cursor.ts'
import type { KeysetOrder } from '#src/gateway/contract/keyset-list.ts'
import fc from '../property.ts'

const byName: KeysetOrder = { column: 'name', type: 'text', direction: 'asc' }
const byScore: KeysetOrder = { column: 'score', type: 'int8', direction: 'desc' }
const byTime: KeysetOrder = { column: 'created_at', type: 'timestamptz', direction: 'desc' }
const byRank: KeysetOrder = { column: 'popularity_rank', type: 'int8', direction: 'asc', nullable: true }

const moment = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }).map((date) => date.toISOString())
const position: fc.Arbitrary<{ order: KeysetOrder; key: string | number | null }> = fc.oneof(
  fc.record({ order: fc.constant(byName), key: fc.string({ unit: 'grapheme', maxLength: 120 }).filter((text) => !text.includes('\0')) }),
  fc.record({ order: fc.constant(byScore), key: fc.maxSafeInteger() }),
  fc.record({ order: fc.constant(byTime), key: moment }),
  fc.record({ order: fc.constant(byRank), key: fc.option(fc.nat()) }),
)
const scope: CursorScope = { list: 'Domain', order: byScore }
const badInput = expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('leave `after` out') })

function refusal(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a pagination cursor', () => {
  it('is decoded to the position that it was created from', () => {
    fc.assert(
      fc.property(position, fc.integer({ min: 1, max: 1e15 }), ({ order, key }, id) => {
        const scope = { list: 'Domain', order }
        expect(decodeCursor(scope, encodeCursor(scope, { key, id }), 'after')).toEqual({ key, id })
      }),
    )
  })

  it('is rejected for another type, another ordering or the other direction, with an error that states the remedy', () => {
    const cursor = encodeCursor(scope, { key: 7, id: 1 })
    const others: CursorScope[] = [
      { list: 'Bid', order: byScore },
      { list: 'Domain', order: byRank },
      { list: 'Domain', order: { ...byScore, direction: 'asc' } },
    ]
    for (const other of others) expect(refusal(() => decodeCursor(other, cursor, 'after'))).toEqual(badInput)
  })

  it('is rejected with a clear error if it is an arbitrary text or arbitrary JSON', () => {
    const encoded = fc.json().map((json) => Buffer.from(json).toString('base64url'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), encoded), (text) => {
        expect(refusal(() => decodeCursor(scope, text, 'after'))).toEqual(badInput)
      }),
    )
  })

  it('is rejected if its position is not a possible value of the column', () => {
    const forged = (key: unknown, id: unknown, { column, direction }: KeysetOrder) =>
      Buffer.from(JSON.stringify([`Domain.${column}.${direction}`, key, id])).toString('base64url')
    const wrong: [KeysetOrder, unknown, unknown][] = [
      [byScore, 'x', 1],
      [byScore, 1.5, 1],
      [byScore, null, 1],
      [byScore, 1, '1'],
      [byScore, 1, 1e300],
      [byTime, 'yesterday', 1],
      [byTime, '2026-02-30T00:00:00.000Z', 1],
      [byName, 'a\0b', 1],
      [byRank, {}, 1],
    ]
    for (const [order, key, id] of wrong)
      expect(refusal(() => decodeCursor({ list: 'Domain', order }, forged(key, id, order), 'after'))).toEqual(badInput)
  })
})

describe('a page of a list', () => {
  it('reads one row more than it returns, to know whether another page follows', () => {
    const page = pageRequest({ first: 2 }, byScore, 'Domain')
    const rows = [3, 2, 1].map((key) => ({ key, id: key }))
    const connection: Connection<{ filter: object }> = connectionPage(page, rows, { filter: {} })
    expect(connection).toMatchObject({ ids: [3, 2], hasNextPage: true, hasPreviousPage: false })
    expect(pageRequest({ first: 2, after: connection.cursors[1] }, byScore, 'Domain').after).toEqual({ key: 2, id: 2 })
  })

  it('has a size of 0 to 100 rows', () => {
    for (const size of [-1, 101, 1.5, Number.NaN]) {
      for (const args of [{ first: size }, { last: size }])
        expect(refusal(() => pageRequest(args, byScore, 'Domain'))).toMatchObject({ code: 'BAD_USER_INPUT' })
    }
    expect(pageRequest({ first: 0 }, byScore, 'Domain').size).toBe(0)
  })

  it('consists of the first 20 rows without `first` and `last`, and cannot have both', () => {
    for (const args of [{}, { first: null, last: null }])
      expect(pageRequest(args, byScore, 'Domain')).toMatchObject({ size: 20, fromEnd: false })
    expect(pageRequest({ first: null, last: 7 }, byScore, 'Domain')).toMatchObject({ size: 7, fromEnd: true })
    expect(refusal(() => pageRequest({ first: 7, last: 7 }, byScore, 'Domain'))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'Expected `first` or `last`, got both (7 and 7): leave one of them out.',
    })
  })

  it('names the argument that held a wrong cursor', () => {
    expect(refusal(() => pageRequest({ before: 'x' }, byScore, 'Domain'))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/^Expected as `before` a cursor .* send a `startCursor` unchanged, or leave `before` out\.$/),
    })
  })
})
