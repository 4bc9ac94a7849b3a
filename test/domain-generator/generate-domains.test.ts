import { toASCII } from 'tr46'
import { describe, expect, it } from 'vitest'
import { compareSuggestions } from '#src/market/rules/naming/compare-suggestions.ts'
import type { DomainConfig } from '#src/market/rules/naming/domain-config.ts'
import { generateCandidates, listCandidates, suggestDomains } from '#src/market/rules/naming/generate-domains.ts'
import { topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import { verticals } from '#src/market/rules/naming/vocabulary/verticals.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import fc from '../property.ts'

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

describe('the domain names that the generator finds', () => {
  it('are valid IDNA names under real top-level domains, each in A-label and U-label form', () => {
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

  it('contain no name twice', () => {
    fc.assert(
      fc.property(acceptable(config), (given) => {
        const names = generateAll(given).map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
      }),
      { numRuns: 60 },
    )
  })

  it('are identical and in the same order for the same configuration', () => {
    fc.assert(
      fc.property(acceptable(config), (given) => {
        expect(generateAll(given)).toEqual(generateAll(given))
      }),
      { numRuns: 20 },
    )
  })

  it('come in batches of the requested size, up to the requested limit', async () => {
    const given = { keywords: ['plumber'], tlds: ['com', 'net'], patterns: ['{keyword}{city}'], limit: 45 }
    const batches = await collect(generateCandidates(given, new WorkQueue(), { batchSize: 20 }))
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 5])
    expect(batches.flat()).toEqual(generateAll(given))
  })

  it('are generated lazily: the first batch is returned before the combinations of later batches are generated', async () => {
    const given = { keywords: ['plumber'], tlds: ['com', 'net', 'org'], patterns: ['{action}{keyword}{city}{suffix}'] }
    let turns = 0
    const nextTurn = async () => {
      turns += 1
    }
    const queue = new WorkQueue({ now: () => 0, nextTurn })
    const first = await generateCandidates(given, queue, { batchSize: 10 })[Symbol.asyncIterator]().next()
    expect(first.value).toHaveLength(10)
    expect(turns).toBe(1)
  })

  it('are generated in turns, between which other work in the work queue runs, even if no name has the required score', async () => {
    const given = { keywords: ['plumber'], patterns: ['{action}{keyword}{city}{suffix}'], minScore: 100 }
    const queue = new WorkQueue()
    const order: string[] = []
    const all = collect(generateCandidates(given, queue)).then((batches) => order.push(`all ${batches.length}`))
    const short = suggestDomains({ keywords: ['roof'], patterns: ['{keyword}'] }, queue).then(() => order.push('short'))
    await Promise.all([all, short])
    expect(order).toEqual(['short', 'all 0'])
  })

  it('contain no name with a lower score or a greater length than requested', () => {
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

describe('the suggested domain names', () => {
  it('are the generated names with the best scores, best first', async () => {
    const scores = fc.record({ minScore: fc.integer({ min: 0, max: 60 }), maxLength: fc.integer({ min: 8, max: 63 }) })
    await fc.assert(
      fc.asyncProperty(acceptable(config), scores, fc.integer({ min: 1, max: 60 }), async (given, bounds, limit) => {
        const best = generateAll({ ...given, ...bounds })
          .sort(compareSuggestions)
          .slice(0, limit)
        expect(await suggestDomains({ ...given, ...bounds, limit }, new WorkQueue())).toEqual(best)
      }),
      { numRuns: 100 },
    )
  })

  it('are the generated names with the best scores, even with a hundred top-level domains in all scripts', async () => {
    const given = { keywords: ['слесарь', 'שרברב', '3d', 'roof'], patterns: ['{keyword}{keyword2}', '{keyword}', '{keyword}{statecode}'] }
    const manyTlds = ['com', 'net', ...[...topLevelDomains.keys()].slice(-98)]
    const best = generateAll({ ...given, tlds: manyTlds })
      .sort(compareSuggestions)
      .slice(0, 500)
    expect(best).toHaveLength(500)
    expect(await suggestDomains({ ...given, tlds: manyTlds, limit: 500 }, new WorkQueue())).toEqual(best)
  })

  it('are names that people can easily hear, remember and type', async () => {
    const [first, ...others] = await suggest({ keywords: ['plumber', 'emergency plumber'], tlds: ['com', 'biz', 'plumbing'] })
    expect(first?.name).toBe('plumber.com')
    const scores = others.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    const scoreOf = async (name: string, pattern: string) =>
      (await suggest({ keywords: ['plumber'], patterns: [pattern], limit: 500 })).find((suggestion) => suggestion.name === name)?.score ?? 0
    const dallas = await scoreOf('plumberdallas.com', '{keyword}{city}')
    expect(dallas).toBeGreaterThan(await scoreOf('plumber-dallas.com', '{keyword}-{city}'))
    expect(dallas).toBeGreaterThan(await scoreOf('plumbercoloradosprings.com', '{keyword}{city}'))
  })

  it('use .com and patterns that suit the keywords by default', async () => {
    const suggestions = await suggest({ keywords: ['locksmith'] })
    expect(suggestions).toHaveLength(50)
    expect(suggestions.every(({ tld }) => tld === 'com')).toBe(true)
    expect(new Set(suggestions.map(({ pattern }) => pattern)).size).toBeGreaterThan(1)
  })
})

const suggest = (given: DomainConfig) => suggestDomains(given, new WorkQueue())

describe('a configuration of the domain generator that exceeds a limit', () => {
  const cases: readonly [string, DomainConfig, string][] = [
    ['no keyword', { keywords: [] }, 'keywords is empty: give at least one, such as "plumber".'],
    [
      'too many keywords',
      { keywords: Array.from({ length: 51 }, (_, index) => `k${index}`) },
      'keywords has 51 items and may have at most 50: give fewer.',
    ],
    [
      'a keyword of punctuation marks',
      { keywords: ['!?'] },
      'keywords: "!?" may only hold letters, digits, blanks and hyphens between them.',
    ],
    ['an empty keyword', { keywords: [' '] }, 'keywords: " " holds no letter or digit.'],
    ['a long keyword', { keywords: ['a'.repeat(41)] }, `keywords: "${'a'.repeat(41)}" has 41 letters and may have at most 40: shorten it.`],
    [
      'a keyword with too many blanks',
      { keywords: [`a${' '.repeat(99)}b`] },
      `Expected a keyword of at most 100 characters, got 101 in "a${' '.repeat(59)}…".`,
    ],
    [
      'a top-level domain with too many letters',
      { keywords: ['solar'], tlds: ['m'.repeat(101)] },
      `Expected a top-level domain of at most 100 characters, got 101 in "${'m'.repeat(60)}…".`,
    ],
    ['an empty list of top-level domains', { keywords: ['solar'], tlds: [] }, 'tlds is empty: give at least one, such as "com".'],
    [
      'a top-level domain that does not exist',
      { keywords: ['solar'], tlds: ['con'] },
      '"con" is not a top-level domain. Query `tlds` for those that exist.',
    ],
    [
      'a public suffix instead of a top-level domain',
      { keywords: ['solar'], tlds: ['co.uk'] },
      '"co.uk" is not a top-level domain. Give the last part only: "uk".',
    ],
    [
      'an unknown placeholder',
      { keywords: ['solar'], patterns: ['{keyword}{town}'] },
      'patterns: "{keyword}{town}" has the unknown placeholder {town}: known are {keyword}, {keyword2}, {related}, {prefix}, {suffix}, {action}, {city}, {state}, {statecode}.',
    ],
    [
      'a pattern without {keyword}',
      { keywords: ['solar'], patterns: ['{city}'] },
      'patterns: "{city}" lacks {keyword}: without it no keyword gets into the names.',
    ],
    [
      'a repeated placeholder',
      { keywords: ['solar'], patterns: ['{keyword}{keyword}'] },
      'patterns: "{keyword}{keyword}" has {keyword} twice: each placeholder may stand once; a second keyword is {keyword2}.',
    ],
    [
      'a single keyword for {keyword} and {keyword2}',
      { keywords: ['solar'], patterns: ['{keyword}{keyword2}'] },
      'patterns: "{keyword}{keyword2}" uses {keyword2}, which needs at least 2 different keywords, and there is 1: add one or take the pattern out.',
    ],
    [
      '{related} with keywords of no known trade',
      { keywords: ['zyx'], patterns: ['{keyword}{related}'] },
      'patterns: "{keyword}{related}" uses {related}, and none of the keywords belongs to a known trade: take the pattern out.',
    ],
    [
      'a pattern that begins with a hyphen',
      { keywords: ['solar'], patterns: ['-{keyword}'] },
      'patterns: "-{keyword}" begins or ends with a hyphen, which no domain name may.',
    ],
    ['a limit of 0', { keywords: ['solar'], limit: 0 }, 'limit must be an integer from 1 to 500, got 0.'],
  ]

  it.each(cases)('is rejected with an error that says what to change: %s', async (_, given, message) => {
    await expect(suggest(given)).rejects.toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', message }))
  })

  it('is rejected before any name is generated if there are too many combinations', async () => {
    const given = { keywords: ['plumber', 'roofer', 'hvac'], patterns: ['{action}{prefix}{keyword}{city}{suffix}'] }
    await expect(suggest(given)).rejects.toThrow(/combinations of words, and 50000 are allowed: give fewer keywords/)
    expect(() => generateCandidates(given, new WorkQueue())).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  })
})

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function generateAll(given: DomainConfig) {
  return [...listCandidates(given)]
}

/** Skips configurations that are rejected, because the table above covers such configurations. */
function acceptable(configs: fc.Arbitrary<DomainConfig>): fc.Arbitrary<DomainConfig> {
  return configs.filter((given) => {
    try {
      generateCandidates(given, new WorkQueue())
      return true
    } catch {
      return false
    }
  })
}
