import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { callerHashes, containsNumber, givenHash, numberHash } from '../../src/market/rules/caller.ts'
import fc from '../property.ts'

const key = Buffer.alloc(32, 1)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('the hash of a number', () => {
  it('is the SHA-256 of its E.164 form, however it is written.', () => {
    const digits = (length: number) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''))
    const first = fc.integer({ min: 2, max: 9 })
    fc.assert(
      fc.property(first, digits(2), first, digits(2), digits(4), (area, code, office, exchange, line) => {
        const [a, b] = [`${area}${code}`, `${office}${exchange}`]
        const forms = [
          `+1${a}${b}${line}`,
          `${a}${b}${line}`,
          `(${a}) ${b}-${line}`,
          `1-${a}-${b}-${line}`,
          `+1 ${a}.${b}.${line}`,
          `${a} ${b} ${line} ext. 12`,
        ]
        expect(new Set(forms.map(numberHash))).toEqual(new Set([sha256(`+1${a}${b}${line}`)]))
      }),
    )
    expect(numberHash('+44 20 7946 0958')).toBe(sha256('+442079460958'))
  })

  it('is undefined for a text that is no number.', () => {
    for (const text of ['', '911', '555-0123', 'call 2125550123', '+999123456789', '1-800-FLOWERS', '2'.repeat(100_000)])
      expect(numberHash(text)).toBeUndefined()
  })

  it('may come from the client, in either case.', () => {
    expect(givenHash(sha256('x').toUpperCase())).toBe(sha256('x'))
    expect([sha256('x').slice(1), `${sha256('x')}0`, '+12125550123'].map(givenHash)).toEqual([undefined, undefined, undefined])
  })
})

describe('the bytes of a caller', () => {
  it('are 16, the same for each call, and differ between keys, tenants, numbers and the do-not-call lists.', () => {
    const [hashes, others] = [callerHashes(key), callerHashes(Buffer.alloc(32, 2))]
    const [one, two] = [sha256('+12125550123'), sha256('+12125550124')]
    const all = [
      hashes.ofTenant('a', one),
      hashes.ofTenant('b', one),
      hashes.ofTenant('a', two),
      hashes.ofTenant('', one),
      hashes.ofDnc(one),
      hashes.ofDnc(two),
      others.ofTenant('a', one),
      others.ofDnc(one),
    ]
    expect(all.map((bytes) => bytes.length)).toEqual(Array(8).fill(16))
    expect(new Set(all.map((bytes) => bytes.toString('hex'))).size).toBe(8)
    expect(callerHashes(key).ofTenant('a', one)).toEqual(all[0])
  })

  it('stay what they are, because stored rows have them.', () => {
    expect(callerHashes(key).ofTenant('demo', sha256('+12125550123')).toString('hex')).toBe('81f8542dd0e2479ee89dfb104ad58ae3')
    expect(callerHashes(key).ofDnc(sha256('+12125550123')).toString('hex')).toBe('4a7d1077c4eb8a1d7a02fa46e0b30643')
  })

  it('are not made of a number, and the error does not contain it.', () => {
    const attempt = () => callerHashes(key).ofTenant('a', '+12125550123')
    expect(attempt).toThrow('Expected a SHA-256')
    expect(attempt).not.toThrow('2125550123')
    expect(() => callerHashes(Buffer.alloc(31))).toThrow('at least 32 bytes, got 31')
  })
})

describe('a text that will be stored with a caller', () => {
  const number = '+12125550123'
  it.each([
    ['the number itself', number, number],
    ['the number in another spelling', 'call (212) 555-0123 back', number],
    ['the number of a caller who is given with an extension', 'from 2125550123', '212-555-0123 ext. 45'],
    ['the number in full-width digits', '２１２５５５０１２３', number],
    ['the number of a caller who is given as a SHA-256', 'ani 1 212 555 0123', sha256(number)],
  ])('is found to contain %s.', (_, text, caller) => {
    expect(containsNumber(text, caller)).toBe(true)
  })

  it('may contain other digits.', () => {
    for (const caller of [number, sha256(number)]) expect(containsNumber('order 2125550124, 90210', caller)).toBe(false)
  })
})
