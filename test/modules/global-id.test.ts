import { describe, expect, it } from 'vitest'
import { localId, parseGlobalId, rowIdOf, toGlobalId } from '#src/gateway/contract/global-id.ts'
import fc from '../property.ts'

describe('a global id, which encodes a type and a row id,', () => {
  it('is decoded to its type and id', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (id) => {
        const globalId = toGlobalId('Campaign', id)
        expect(parseGlobalId(globalId)).toEqual({ type: 'Campaign', id: String(id) })
        expect(rowIdOf('Campaign', globalId)).toBe(id)
        expect(localId(globalId)).toBe(String(id))
      }),
    )
  })

  it('finds no row of another type', () => {
    expect(rowIdOf('Campaign', toGlobalId('Domain', 1))).toBeNull()
  })

  it('finds no row if it contains an invalid number, and the invalid text never reaches SQL', () => {
    for (const id of ['0', '-1', '1.5', '01', '1e3', '9999999999999999999', 'x', ' 1', "1'; drop table bids"]) {
      expect(rowIdOf('Campaign', toGlobalId('Campaign', id))).toBeNull()
    }
  })

  it('is unambiguous, and any other text is rejected with an error that shows a valid id', () => {
    for (const other of [
      '',
      '1',
      ' ',
      ` ${toGlobalId('Bid', 1)}`,
      `${toGlobalId('Bid', 1)} `,
      `${toGlobalId('Bid', 1)}==`,
      'Bid:1',
      'x'.repeat(1000),
    ])
      expect(() => rowIdOf('Bid', other)).toThrow(/such as "Q2FtcGFpZ246MQ", got .*: send it unchanged\.$/)
  })

  it('has only one valid encoding, and every other text for the same type and row id is rejected', () => {
    const globalId = toGlobalId('Bid', 1)
    for (const other of [`${globalId}=`, `${globalId}==`, ` ${globalId}`, `${globalId.slice(0, -1)}T`, '', 'Bid:1'])
      expect(parseGlobalId(other)).toBeNull()
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseGlobalId(text)
        if (parsed) expect(toGlobalId(parsed.type, parsed.id)).toBe(text)
      }),
    )
  })
})
