import fc from 'fast-check'
import { toASCII } from 'tr46'
import { describe, expect, it } from 'vitest'
import { compareSuggestions } from '../../src/generator/best-suggestions.ts'
import { type DomainConfig, limits } from '../../src/generator/domain-config.ts'
import { generateCandidates, suggestDomains } from '../../src/generator/generate-domains.ts'
import { topLevelDomains } from '../../src/generator/top-level-domains.ts'
import { verticals } from '../../src/generator/vocabulary/verticals.ts'

const STRICT = { checkHyphens: true, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, verifyDNSLength: true }

const tradeWord = fc.constantFrom(...verticals.flatMap(({ keywords }) => keywords))
const foreignWord = fc.constantFrom(
  'plômbier',
  'straße',
  'zahnärzte',
  '水道',
  'عاجل',
  'שרברב',
  'слесарь',
  'न्यूज़',
  'ß',
  'ＡＣ',
  '24/7',
  'x-ray',
  'ab--cd',
  'car',
  'carkeys',
  'keys',
)
const anyWord = fc.stringMatching(/^[a-z0-9][a-z0-9 '-]{0,18}[a-z0-9]$/)
const keywords = fc.uniqueArray(fc.oneof(tradeWord, foreignWord, anyWord), { minLength: 2, maxLength: 4, selector: (word) => word })
const tlds = fc.uniqueArray(fc.constantFrom('com', '.NET', 'org', 'plumbing', 'みんな', 'xn--mgbh0fb', 'ישראל', 'us', 'рф'), {
  minLength: 1,
  maxLength: 4,
})
const patterns = fc.uniqueArray(
  fc.constantFrom(
    '{keyword}',
    '{keyword}{keyword2}',
    '{keyword}-{keyword2}',
    '{prefix}{keyword}',
    '{keyword}{suffix}',
    '{keyword}{statecode}',
    'get{keyword}',
    '{action}-{keyword}.{tld}',
    '{keyword}24',
  ),
  { minLength: 1, maxLength: 4 },
)
const config = fc.record({ keywords, tlds, patterns })

describe('generated candidates', () => {
  it('are valid IDNA names under real top-level domains, in A-label form, with their U-label form beside it', () => {
    fc.assert(
      fc.property(acceptable(config), (given) => {
        for (const candidate of generateAll(given)) {
          expect(toASCII(candidate.name, STRICT)).toBe(candidate.name)
          expect(toASCII(candidate.unicodeName, STRICT)).toBe(candidate.name)
          expect(topLevelDomains.has(candidate.tld)).toBe(true)
          expect(candidate.name).toBe(`${candidate.sld}.${candidate.tld}`)
          expect(candidate.sld).not.toContain('.')
          expect(candidate.terms.length).toBeGreaterThan(0)
          expect(Number.isInteger(candidate.score) && candidate.score >= 0 && candidate.score <= 100).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('hold no name twice', () => {
    fc.assert(
      fc.property(acceptable(config), (given) => {
        const names = generateAll(given).map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
      }),
      { numRuns: 60 },
    )
  })

  it('are the same, in the same order, for the same configuration', () => {
    fc.assert(
      fc.property(acceptable(config), (given) => {
        expect(generateAll(given)).toEqual(generateAll(given))
      }),
      { numRuns: 20 },
    )
  })

  it('come in batches of the size that was asked for, and no more of them than the limit', () => {
    const given = { keywords: ['plumber'], tlds: ['com', 'net'], patterns: ['{keyword}{city}'], limit: 45 }
    expect([...generateCandidates(given, 20)].map((batch) => batch.length)).toEqual([20, 20, 5])
  })

  it('are made only as they are asked for: the first batch does not wait for the half million others', () => {
    const given = { keywords: ['plumber', 'roofer'], tlds: ['com', 'net', 'org'], patterns: ['{action}{keyword}{city}{suffix}'] }
    const [first] = generateCandidates(given, 10)
    expect(first).toHaveLength(10)
  })

  it('leave out names that score less, or are longer, than was asked for', () => {
    const given = {
      keywords: ['water damage'],
      tlds: ['com', 'cc'],
      patterns: ['{keyword}-{city}', '{keyword}'],
      minScore: 80,
      maxLength: 16,
    }
    const all = generateAll(given)
    expect(all.length).toBeGreaterThan(0)
    expect(all.every(({ score, sld }) => score >= 80 && sld.length <= 16)).toBe(true)
  })
})

describe('suggested domains', () => {
  it('are the best of all candidates, best first', () => {
    fc.assert(
      fc.property(acceptable(config), fc.integer({ min: 1, max: 40 }), (given, limit) => {
        const best = generateAll(given).sort(compareSuggestions).slice(0, limit)
        expect(suggestDomains({ ...given, limit })).toEqual(best)
      }),
      { numRuns: 60 },
    )
  })

  it('prefer what callers can hear, remember and type', () => {
    const [first, ...others] = suggestDomains({ keywords: ['plumber', 'emergency plumber'], tlds: ['com', 'biz', 'plumbing'] })
    expect(first?.name).toBe('plumber.com')
    const scores = others.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    const scoreOf = (name: string, pattern: string) =>
      suggestDomains({ keywords: ['plumber'], patterns: [pattern], limit: 500 }).find((suggestion) => suggestion.name === name)?.score ?? 0
    expect(scoreOf('plumberdallas.com', '{keyword}{city}')).toBeGreaterThan(scoreOf('plumber-dallas.com', '{keyword}-{city}'))
    expect(scoreOf('plumberdallas.com', '{keyword}{city}')).toBeGreaterThan(scoreOf('plumbercoloradosprings.com', '{keyword}{city}'))
  })

  it('use patterns that suit the keywords and .com when nothing else is said', () => {
    const suggestions = suggestDomains({ keywords: ['locksmith'] })
    expect(suggestions).toHaveLength(50)
    expect(suggestions.every(({ tld }) => tld === 'com')).toBe(true)
    expect(new Set(suggestions.map(({ pattern }) => pattern)).size).toBeGreaterThan(1)
  })
})

describe('a configuration out of bounds', () => {
  const cases: readonly [string, DomainConfig, string][] = [
    ['no keyword', { keywords: [] }, 'keywords is empty: give at least one, such as "plumber".'],
    [
      'too many keywords',
      { keywords: Array.from({ length: 51 }, (_, index) => `k${index}`) },
      'keywords has 51 items and may have 50: give fewer.',
    ],
    ['a keyword of punctuation', { keywords: ['!?'] }, 'keywords: "!?" may only hold letters, digits, blanks and hyphens between them.'],
    ['an empty keyword', { keywords: [' '] }, 'keywords: " " holds no letter or digit.'],
    ['a long keyword', { keywords: ['a'.repeat(41)] }, `keywords: "${'a'.repeat(41)}" has 41 letters and may have 40: shorten it.`],
    ['no top-level domain', { keywords: ['solar'], tlds: [] }, 'tlds is empty: give at least one, such as "com".'],
    [
      'an invented top-level domain',
      { keywords: ['solar'], tlds: ['con'] },
      '"con" is not a top-level domain. Query `tlds` for those that exist.',
    ],
    [
      'a name in place of one',
      { keywords: ['solar'], tlds: ['co.uk'] },
      '"co.uk" is not a top-level domain. Give the last part only: "uk".',
    ],
    [
      'an unknown placeholder',
      { keywords: ['solar'], patterns: ['{keyword}{town}'] },
      'patterns: "{keyword}{town}" has the unknown placeholder {town}: known are {keyword}, {keyword2}, {related}, {prefix}, {suffix}, {action}, {city}, {state}, {statecode}.',
    ],
    [
      'a pattern without keyword',
      { keywords: ['solar'], patterns: ['{city}'] },
      'patterns: "{city}" lacks {keyword}: without it no keyword gets into the names.',
    ],
    [
      'a repeated placeholder',
      { keywords: ['solar'], patterns: ['{keyword}{keyword}'] },
      'patterns: "{keyword}{keyword}" has {keyword} twice: each placeholder may stand once; a second keyword is {keyword2}.',
    ],
    [
      'one keyword for two places',
      { keywords: ['solar'], patterns: ['{keyword}{keyword2}'] },
      'patterns: "{keyword}{keyword2}" uses {keyword2}, which needs at least 2 different keywords, and there is 1: add one or take the pattern out.',
    ],
    [
      'words of an unknown trade',
      { keywords: ['zyx'], patterns: ['{keyword}{related}'] },
      'patterns: "{keyword}{related}" uses {related}, and none of the keywords belongs to a known trade: take the pattern out.',
    ],
    [
      'a hyphen at the edge',
      { keywords: ['solar'], patterns: ['-{keyword}'] },
      'patterns: "-{keyword}" begins or ends with a hyphen, which no domain name may.',
    ],
    ['a limit of nothing', { keywords: ['solar'], limit: 0 }, 'limit must be an integer from 1 to 500, got 0.'],
  ]

  it.each(cases)('is refused with what to change: %s', (_, given, message) => {
    expect(() => suggestDomains(given)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', message }))
  })

  it('is refused at the call, before anything is generated, when the product is too large', () => {
    const given = { keywords: ['plumber', 'roofer', 'hvac'], patterns: ['{action}{prefix}{keyword}{city}{suffix}'] }
    expect(() => suggestDomains(given)).toThrow(/combinations of words, and 50000 are allowed: give fewer keywords/)
    expect(() => generateCandidates(given)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  })

  it('leaves the largest product that is allowed within its time', () => {
    const started = performance.now()
    suggestDomains({
      keywords: ['plumber', 'roofer', 'hvac', 'solar', 'dentist', 'lawyer'],
      tlds: ['com', 'net', 'org', 'us'],
      patterns: ['{action}{keyword}{city}'],
      limit: limits.suggestions,
    })
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

function generateAll(given: DomainConfig) {
  return [...generateCandidates(given)].flat()
}

/** Leaves out configurations that are refused: the table above is about those. */
function acceptable(configs: fc.Arbitrary<DomainConfig>): fc.Arbitrary<DomainConfig> {
  return configs.filter((given) => {
    try {
      generateCandidates(given)
      return true
    } catch {
      return false
    }
  })
}
