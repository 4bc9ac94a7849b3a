import { toASCII, toUnicode } from 'tr46'
import { describe, expect, it } from 'vitest'
import { toUnicodeName } from '#src/market/rules/naming/idna.ts'
import { convertLabel } from '#src/market/rules/naming/idna-label.ts'
import { rightToLeftTlds, topLevelDomain, topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import fc from '../property.ts'

const STRICT = { checkHyphens: true, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, verifyDNSLength: true }

const LATIN = ['a', 'z', 'ß', 'é', 'ı', '\u0301', '0', '9', '-', '--', 'xn--', 'xn--80ajrwbc3f']
const OTHERS = ['слесарь', 'Я', 'ς', '水', '한', '\u1100\u1161', 'क्', '\u200d', '\u200c', '\ufe0f', '𠮷', '·']
const RIGHT_TO_LEFT = ['א', 'שרברב', 'ب', 'عاجل', '\u064b', '٣', '۳', 'نامه']
const piece = fc.constantFrom(...LATIN, ...OTHERS, ...RIGHT_TO_LEFT)
const label = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.array(fc.constantFrom(...RIGHT_TO_LEFT, '1', '-'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
  fc.tuple(piece, fc.integer({ min: 1, max: 70 })).map(([text, times]) => text.repeat(times)),
  fc.stringMatching(/^[a-z0-9-]{1,70}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[.。．｡]/.test(text.normalize('NFKC'))),
)
const tld = fc.oneof(
  fc.constantFrom(...topLevelDomains.keys()),
  fc.constantFrom(...rightToLeftTlds),
  fc.constantFrom('com', 'xn--p1ai', 'xn--q9jyb4c'),
)

describe('a domain label that was converted to IDNA without its top-level domain', () => {
  it('gives, with any top-level domain, the same name as converting the whole name with the IDNA library', () => {
    let accepted = 0
    fc.assert(
      fc.property(label, tld, (text, tld) => {
        const converted = convertLabel(text, true)
        const isAllowed = converted !== null && (converted.fitsRightToLeft || !rightToLeftTlds.has(tld))
        const joined = isAllowed ? `${converted.ascii}.${tld}` : null
        expect(joined).toBe(toASCII(`${text}.${tld}`, STRICT))
        if (joined === null || converted === null) return
        accepted += 1
        const { domain, error } = toUnicode(joined, STRICT)
        expect({ domain: `${toUnicodeName(converted.ascii)}.${topLevelDomain(tld).unicodeName}`, error: false }).toEqual({ domain, error })
      }),
      { numRuns: 5_000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  it.each([
    ['roof', true],
    ['3d', false],
    ['שרברב', true],
    ['ב1', true],
    ['1ב', null],
    ['слесарь', true],
    ['3слесарь', false],
    ['ab--cd', null],
    ['-a', null],
    ['a'.repeat(63), true],
    ['a'.repeat(64), null],
    ['я'.repeat(53), true],
    ['я'.repeat(60), null],
  ])('is checked correctly next to right-to-left top-level domains: the label %s is allowed: %s', (text, fits) => {
    expect(convertLabel(text, true)?.fitsRightToLeft ?? null).toBe(fits)
  })
})

describe('the top-level domains of IANA', () => {
  it('are all valid beside a right-to-left label, so the generator need not check them together with the label', () => {
    expect([...topLevelDomains.keys()].filter((name) => toASCII(`שרברב.${name}`, STRICT) === null)).toEqual([])
  })

  it('count as right-to-left exactly if the IDNA library applies the Bidi rule to labels next to them', () => {
    expect(rightToLeftTlds.size).toBeGreaterThan(20)
    for (const name of topLevelDomains.keys()) expect(toASCII(`1.${name}`, STRICT) === null).toBe(rightToLeftTlds.has(name))
  })

  it('are found in each spelling that the IDNA library accepts', () => {
    for (const { name, unicodeName } of topLevelDomains.values()) {
      for (const given of [name, name.toUpperCase(), `.${unicodeName}`, ` ${unicodeName.toUpperCase()} `]) {
        expect(topLevelDomain(given).name).toBe(toASCII(given.trim().replace('.', '')))
      }
    }
  })
})
