import { describe, expect, it } from 'vitest'
import { type DomainConfig, limits } from '#src/market/rules/naming/domain-config.ts'
import { suggestDomains } from '#src/market/rules/naming/generate-domains.ts'
import { parseKeywords } from '#src/market/rules/naming/keyword.ts'
import { combineWords } from '#src/market/rules/naming/labels.ts'
import { parsePattern } from '#src/market/rules/naming/pattern.ts'
import { suggestPatterns } from '#src/market/rules/naming/suggest-patterns.ts'
import { rightToLeftTlds, topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import { workEstimate } from '#src/market/rules/naming/work.ts'
import { type Steps, UNITS_BETWEEN_LOOKS, WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import fc from '../property.ts'

/** A work queue that counts the units of work it has done, and derives its clock from this count: 1,000 units are 1 ms. */
class CountingQueue extends WorkQueue {
  readonly #count: { units: number; maxSlice: number }

  constructor() {
    const count = { units: 0, maxSlice: 0 }
    let begun = 0
    const nextTurn = async () => {
      count.maxSlice = Math.max(count.maxSlice, count.units - begun)
      begun = count.units
    }
    super({ now: () => count.units / 1_000, nextTurn })
    this.#count = count
  }

  get units() {
    return this.#count.units
  }

  get maxSlice() {
    return this.#count.maxSlice
  }

  override run<Result>(steps: Steps<Result>, turn: { readonly units: number }): Promise<Result> {
    const count = this.#count
    return super.run(
      (function* () {
        for (;;) {
          const step = steps.next()
          if (step.done) return step.value
          count.units += step.value
          yield step.value
        }
      })(),
      turn,
    )
  }
}

const alphabet = (first: string, count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(first.charCodeAt(0) + index))
const LATIN = alphabet('a', 26)
const CYRILLIC = alphabet('а', 32)
const ARABIC = alphabet('ب', 20)
const HAN = alphabet('一', 400)

/** Units of work in one slice of a quarter of a millisecond, at 1,000 units per ms. */
const UNITS_PER_SLICE = 250

/** Maximum number of work units in one step, which combines one label with all top-level domains. */
const MAX_UNITS_PER_STEP = 1 + limits.tlds

/** Returns different words of the same length. They differ in their first two letters. */
const words = (letters: readonly string[], count: number, length: number) =>
  Array.from({ length: count }, (_, word) =>
    Array.from({ length }, (_, index) => {
      const place = index === 0 ? Math.floor(word / 20) : index === 1 ? word % 20 : word * 7 + index * 3
      return letters[place % letters.length]
    }).join(''),
  )

const MIXED_TLDS = [
  'com',
  ...rightToLeftTlds,
  ...[...topLevelDomains.keys()].filter((name) => name.startsWith('xn--') && !rightToLeftTlds.has(name)),
].slice(0, 100)

describe('the work that the domain generator does for one request', () => {
  const dear: readonly [string, DomainConfig][] = [
    ['Latin', { keywords: words(LATIN, 20, 4), patterns: ['{action}{keyword}{city}'], tlds: MIXED_TLDS }],
    ['Cyrillic', { keywords: words(CYRILLIC, 30, 4), patterns: ['{keyword}{city}'], tlds: MIXED_TLDS }],
    ['Arabic', { keywords: words(ARABIC, 30, 20), patterns: ['{keyword}{keyword2}'], tlds: MIXED_TLDS }],
    ['Han', { keywords: words(HAN, 20, 12), patterns: ['{keyword}{city}'], tlds: MIXED_TLDS }],
  ]

  it.each(dear)('stays within the limit for an expensive request with %s letters, and is done in slices', async (_, config) => {
    const queue = new CountingQueue()
    await suggestDomains({ ...config, limit: limits.suggestions }, queue)
    expect(queue.units).toBeGreaterThan(30_000)
    // Assembling the final names costs additional units that the limit does not include, here at most 10,000.
    expect(queue.units).toBeLessThanOrEqual(limits.suggestedUnits + 10_000)
    expect(queue.maxSlice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS + MAX_UNITS_PER_STEP)
  })

  it('is done in slices even if no name has the required score', async () => {
    const queue = new CountingQueue()
    const config = { keywords: words(LATIN, 20, 4), patterns: ['{action}{keyword}{city}'], minScore: 100 }
    expect(await suggestDomains(config, queue)).toEqual([])
    expect(queue.units).toBe(50_000)
    expect(queue.maxSlice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS)
  })

  it('is limited to 50,000 combinations of words if all words consist of the letters a to z', async () => {
    const atTheBound = { keywords: words(LATIN, 20, 4), patterns: ['{action}{keyword}{city}'] }
    await expect(suggestDomains(atTheBound, new WorkQueue())).resolves.toHaveLength(50)
    await expect(suggestDomains({ ...atTheBound, patterns: ['{action}{keyword}{city}', '{keyword}'] }, new WorkQueue())).rejects.toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message:
          'keywords, tlds and patterns make 50020 combinations of words, and 50000 are allowed: give fewer keywords, or patterns with fewer placeholders.',
      }),
    )
  })

  it('includes the higher cost of combinations with non-ASCII letters, and the error message says so', async () => {
    const config = { keywords: [...words(CYRILLIC, 49, 40), 'roof'], patterns: ['{keyword}{keyword2}'] }
    await expect(suggestDomains(config, new WorkQueue())).rejects.toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message:
          'keywords, tlds and patterns make 2450 combinations of words, of which the 2450 with letters other than a to z count more, 98686 in all, and 50000 are allowed: give fewer keywords, or patterns with fewer placeholders.',
      }),
    )
    await expect(suggestDomains({ ...config, keywords: words(CYRILLIC, 30, 40) }, new WorkQueue())).resolves.toEqual([])
  })

  it('never exceeds the limit with the default patterns', async () => {
    for (const letters of [LATIN, CYRILLIC, HAN]) {
      const queue = new CountingQueue()
      await suggestDomains({ keywords: words(letters, 50, 12), tlds: MIXED_TLDS }, queue)
      expect(queue.units).toBeLessThanOrEqual(limits.suggestedUnits + 10_000)
    }
  })

  it('is estimated in advance as exactly the number of units that the combinations cost', () => {
    const keyword = fc.constantFrom('plumber', 'car insurance', 'roof', 'слесарь', 'שרברב', 'x-ray', 'xn--abc', 'straße', 'zyx')
    const pattern = fc.constantFrom(
      '{keyword}',
      '{keyword}{keyword2}',
      'get{keyword}',
      'я{keyword}',
      '{keyword}--{statecode}',
      '{keyword}{related}',
      '{keyword2}-{related}{keyword}',
      '{prefix}{keyword}{suffix}',
    )
    fc.assert(
      fc.property(fc.uniqueArray(keyword, { minLength: 1, maxLength: 6 }), pattern, fc.boolean(), (given, text, asksRightToLeft) => {
        const keywords = parseKeywords(given)
        const parsed = parsePattern(text)
        const all = [...combineWords(parsed, keywords)]
        const unicode = all.filter(({ text }) => !/^[a-z0-9-]*$/.test(text) || text.includes('--'))
        const characters = unicode.reduce((sum, { text }) => sum + text.length, 0)
        expect(workEstimate(keywords, asksRightToLeft)(parsed)).toEqual({
          labels: all.length,
          unicodeLabels: unicode.length,
          units: all.length + Math.ceil(characters / 2) * (asksRightToLeft ? 2 : 1),
        })
      }),
    )
  })
})

describe('the examples of suggested patterns', () => {
  it('are omitted if no keyword makes a valid name', () => {
    const patterns = suggestPatterns(words(HAN, 50, 40))
    expect(patterns.length).toBeGreaterThan(3)
    expect(patterns.every(({ examples }) => examples.length === 0)).toBe(true)
  })

  it('use the next keyword if the first keyword makes no valid name', () => {
    const [, withCity] = suggestPatterns(['שרברב', 'roofer'])
    expect(withCity).toMatchObject({
      pattern: '{keyword}{city}',
      examples: ['roofernewyork.com', 'rooferlosangeles.com', 'rooferchicago.com'],
    })
  })
})
