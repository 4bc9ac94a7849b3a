import { describe, expect, it } from 'vitest'
import { type BuyerReason, reasons } from '../../src/market/rules/routing/reason.ts'
import { decodeReasons, encodeReasons } from '../../src/market/rules/routing/reason-codec.ts'
import fc from '../property.ts'

const ids = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.maxSafeInteger().filter((id) => id > 0),
)
const lists: fc.Arbitrary<readonly BuyerReason[]> = fc.uniqueArray(fc.record({ buyerId: ids, reason: fc.constantFrom(...reasons) }), {
  selector: ({ buyerId }) => buyerId,
  maxLength: 60,
})

const inOrder = (list: readonly BuyerReason[]) =>
  list.toSorted((a, b) => reasons.indexOf(a.reason) - reasons.indexOf(b.reason) || a.buyerId - b.buyerId)

describe('packed reasons', () => {
  it('are unpacked to the same reasons, in the order of reasons and ids.', () => {
    const survives = (encode: typeof encodeReasons) =>
      fc.property(lists, (list) => JSON.stringify(decodeReasons(encode(list))) === JSON.stringify(inOrder(list)))
    /** Writes the lowest 32 bits of each id. */
    const narrow: typeof encodeReasons = (list) =>
      encodeReasons([...new Map(list.map(({ buyerId, reason }) => [buyerId >>> 0 || 1, { buyerId: buyerId >>> 0 || 1, reason }])).values()])
    fc.assert(survives(encodeReasons), { numRuns: 300 })
    expect(fc.check(survives(narrow)).failed).toBe(true)
  })

  it('have one form: bytes that are accepted are those which would be written, and all others are refused with an error that says why.', () => {
    const mutated = fc
      .tuple(lists, fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }), fc.nat(80))
      .map(([list, changes, length]) => {
        const bytes = encodeReasons(list)
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
        return bytes.subarray(0, Math.max(0, bytes.length - (length % 3)))
      })
    const outcomes = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 20 })), (bytes) => {
        let list: readonly BuyerReason[]
        try {
          list = decodeReasons(bytes)
        } catch (error) {
          outcomes.refused++
          return /^The bytes are no packed reasons: /.test(String((error as Error).message))
        }
        outcomes.accepted++
        return Buffer.from(encodeReasons(list)).equals(bytes)
      }),
      { numRuns: 2000 },
    )
    expect(outcomes.accepted).toBeGreaterThan(100)
    expect(outcomes.refused).toBeGreaterThan(100)
  })

  it.each([
    ['no bytes', [], 'they end within a number'],
    ['another format', [2], "they begin with 2 in place of the format's version 1"],
    ['an unknown reason', [1, 99, 1, 1], 'there is no reason with the number 99'],
    ['reasons in a wrong order', [1, 1, 1, 5, 0, 1, 6], 'reasons are not in ascending order'],
    ['a reason without buyers', [1, 0, 0], 'a reason has no buyers'],
    ['a buyer with two reasons', [1, 0, 1, 5, 1, 1, 5], 'a buyer is in them twice'],
    ['a buyer that is repeated', [1, 0, 2, 5, 0], 'a buyer is in them twice'],
    ['bytes that end early', [1, 0, 2, 5], 'they end within a number'],
    ['a number with a needless byte', [1, 0, 1, 0x85, 0], 'a number has more bytes than it needs'],
    ['a number that is too large', [1, 0, 1, ...Array(9).fill(0xff), 1], 'a number is too large'],
  ])('with %s are refused.', (_, bytes, why) => {
    expect(() => decodeReasons(Uint8Array.from(bytes))).toThrow(why)
  })

  it('of 200 buyers take at most 250 bytes, when their ids are close to each other.', () => {
    const list = Array.from({ length: 200 }, (_, index) => ({
      buyerId: 1_000_000 + index * 3,
      reason: reasons[index % reasons.length] ?? 'CAP',
    }))
    expect(encodeReasons(list).length).toBeLessThanOrEqual(250)
  })

  it('are not written for a buyer with two reasons, or for a number that is no id.', () => {
    const [one, other] = [
      { buyerId: 1, reason: 'CAP' },
      { buyerId: 1, reason: 'CLOSED' },
    ] as const
    expect(() => encodeReasons([one, other])).toThrow('buyer 1 has two')
    for (const buyerId of [0, -1, 1.5, Number.NaN, 2 ** 53]) expect(() => encodeReasons([{ buyerId, reason: 'CAP' }])).toThrow(RangeError)
  })

  it('keep the numbers of the reasons that stored decisions have.', () => {
    const stored = [
      'PAUSED',
      'NOT_IN_PLAN',
      'STATE',
      'CLOSED',
      'MINIMUM_BID',
      'CONDITION',
      'SUPPRESSED',
      'DUPLICATE',
      'CONCURRENCY',
      'CAP',
      'OUTRANKED',
      'CONDITION_LIMIT',
    ]
    expect(reasons.slice(0, stored.length)).toEqual(stored)
  })
})
