import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DomainConfig, limits } from '../../src/generator/domain-config.ts'
import { suggestDomains } from '../../src/generator/generate-domains.ts'
import { parseKeywords } from '../../src/generator/keyword.ts'
import { combineWords } from '../../src/generator/labels.ts'
import { parsePattern } from '../../src/generator/pattern.ts'
import { suggestPatterns } from '../../src/generator/suggest-patterns.ts'
import { rightToLeftTlds, topLevelDomains } from '../../src/generator/top-level-domains.ts'
import { workEstimate } from '../../src/generator/work.ts'
import { type Steps, UNITS_BETWEEN_LOOKS, WorkQueue } from '../../src/generator/work-queue.ts'

/** Counts the units that the work reports, and runs the clock on them: 1,000 are 1 ms. */
class CountingQueue extends WorkQueue {
  readonly #count: { units: number; largestSlice: number }

  constructor() {
    const count = { units: 0, largestSlice: 0 }
    let begun = 0
    const nextTurn = async () => {
      count.largestSlice = Math.max(count.largestSlice, count.units - begun)
      begun = count.units
    }
    super({ now: () => count.units / 1_000, nextTurn })
    this.#count = count
  }

  get units() {
    return this.#count.units
  }

  get largestSlice() {
    return this.#count.largestSlice
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

/** A slice is a quarter of a millisecond. */
const UNITS_PER_SLICE = 250

/** One label under all top-level domains is put together in one step. */
const MAX_UNITS_PER_STEP = 1 + limits.tlds

/** Different words of one length: the first two letters tell them apart. */
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

describe('the work of one call', () => {
  const dear: readonly [string, DomainConfig][] = [
    ['Latin', { keywords: words(LATIN, 20, 4), patterns: ['{action}{keyword}{city}'], tlds: MIXED_TLDS }],
    ['Cyrillic', { keywords: words(CYRILLIC, 30, 4), patterns: ['{keyword}{city}'], tlds: MIXED_TLDS }],
    ['Arabic', { keywords: words(ARABIC, 30, 20), patterns: ['{keyword}{keyword2}'], tlds: MIXED_TLDS }],
    ['Han', { keywords: words(HAN, 20, 12), patterns: ['{keyword}{city}'], tlds: MIXED_TLDS }],
  ]

  it.each(dear)('is no more than the bound for a dear request in %s, and is done in slices', async (_, config) => {
    const queue = new CountingQueue()
    await suggestDomains({ ...config, limit: limits.suggestions }, queue)
    expect(queue.units).toBeGreaterThan(30_000)
    // The names that are put together at the end are not combinations: 500 labels under 100 top-level domains meet in few of them.
    expect(queue.units).toBeLessThanOrEqual(limits.suggestedUnits + 10_000)
    expect(queue.largestSlice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS + MAX_UNITS_PER_STEP)
  })

  it('is done in slices also when no name is good enough to be shown', async () => {
    const queue = new CountingQueue()
    const config = { keywords: words(LATIN, 20, 4), patterns: ['{action}{keyword}{city}'], minScore: 100 }
    expect(await suggestDomains(config, queue)).toEqual([])
    expect(queue.units).toBe(50_000)
    expect(queue.largestSlice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS)
  })

  it('may be 50,000 combinations of the letters a to z, and no more', async () => {
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

  it('counts combinations with other letters by what they cost, and says so', async () => {
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

  it('is never too much for the patterns that are chosen when none are given', async () => {
    for (const letters of [LATIN, CYRILLIC, HAN]) {
      const queue = new CountingQueue()
      await suggestDomains({ keywords: words(letters, 50, 12), tlds: MIXED_TLDS }, queue)
      expect(queue.units).toBeLessThanOrEqual(limits.suggestedUnits + 10_000)
    }
  })

  it('is estimated as what the combinations are', () => {
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
  it('are given up after a few combinations where the keywords make no valid name', () => {
    const patterns = suggestPatterns(words(HAN, 50, 40))
    expect(patterns.length).toBeGreaterThan(3)
    expect(patterns.every(({ examples }) => examples.length === 0)).toBe(true)
  })

  it('are taken from the next keyword where the first one makes no valid name', () => {
    const [, withCity] = suggestPatterns(['שרברב', 'roofer'])
    expect(withCity).toMatchObject({
      pattern: '{keyword}{city}',
      examples: ['roofernewyork.com', 'rooferlosangeles.com', 'rooferchicago.com'],
    })
  })
})
