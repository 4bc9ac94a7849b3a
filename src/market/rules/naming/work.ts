import type { Keyword } from './keyword.ts'
import { type FixedPlaceholder, vocabulary } from './labels.ts'
import type { Pattern } from './pattern.ts'

/**
 * Cost of generating the names of a configuration, estimated before any work is done. The unit is the cost of one combination of words,
 * about a microsecond of CPU time. A combination with letters other than a to z needs the Unicode tables. Such a combination costs one more
 * unit for every two characters. If it must also be checked for right-to-left top-level domains, it costs two more units for every two
 * characters.
 */
export interface Work {
  /** Number of combinations of words. Combinations that make the same name are counted separately. */
  readonly labels: number
  /** Number of combinations of words that need the Unicode tables. */
  readonly unicodeLabels: number
  readonly units: number
}

export const NO_WORK: Work = { labels: 0, unicodeLabels: 0, units: 0 }

export function addWork(a: Work, b: Work): Work {
  return { labels: a.labels + b.labels, unicodeLabels: a.unicodeLabels + b.unicodeLabels, units: a.units + b.units }
}

/** Returns the cost, in units of work, of one label that needs the Unicode tables. */
export function unitsOfUnicodeLabel(length: number, asksRightToLeft: boolean): number {
  return 1 + unicodeUnits(length, asksRightToLeft)
}

/**
 * Returns a function that estimates the cost of a pattern. The function does not loop over all keywords for each pattern: with 50 keywords
 * and 50 patterns, such loops would cost more than the generation itself.
 * @param asksRightToLeft True if the caller asked for a right-to-left top-level domain.
 */
export function workEstimate(keywords: readonly Keyword[], asksRightToLeft: boolean): (pattern: Pattern) => Work {
  const own = keywords.map(({ text }) => sizeOf([text]))
  const related = keywords.map((keyword) => sizeOf(keyword.related.map(({ text }) => text)))
  const all = own.reduce(plus, EMPTY)
  const sums = new Map<string, Size>()
  /**
   * Returns the size of the set of all texts that can replace the placeholders {keyword}, {keyword2} and {related} of a pattern. `pairs` is
   * true if the pattern contains {keyword2}, and `relates` is true if the pattern contains {related}.
   */
  const sumOf = (pairs: boolean, relates: boolean): Size => {
    const name = `${pairs} ${relates}`
    const sum = sums.get(name) ?? keywords.map((_, index) => varying(index, pairs, relates)).reduce(plus, EMPTY)
    sums.set(name, sum)
    return sum
  }
  const varying = (index: number, pairs: boolean, relates: boolean): Size => {
    const [keyword = EMPTY, others = EMPTY] = [own[index], related[index]]
    return [keyword, ...(pairs ? [minus(all, keyword)] : []), ...(relates ? [others] : [])].reduce(times)
  }
  return ({ parts }) => {
    const names = parts.flatMap((part) => ('placeholder' in part ? [part.placeholder] : []))
    const fixed = parts.flatMap((part) => {
      if ('literal' in part) return [sizeOf([part.literal])]
      return isFixed(part.placeholder) ? [fixedSizes[part.placeholder]] : []
    })
    const { any, plain } = fixed.reduce(times, sumOf(names.includes('keyword2'), names.includes('related')))
    return {
      labels: any.count,
      unicodeLabels: any.count - plain.count,
      units: any.count + unicodeUnits(any.characters - plain.characters, asksRightToLeft),
    }
  }
}

interface Count {
  readonly count: number
  /** Total number of characters of the counted texts. */
  readonly characters: number
}

/** Size of a set of texts: `any` counts all texts, and `plain` counts the texts that do not need the Unicode tables. */
interface Size {
  readonly any: Count
  readonly plain: Count
}

const EMPTY: Size = { any: { count: 0, characters: 0 }, plain: { count: 0, characters: 0 } }

function unicodeUnits(characters: number, asksRightToLeft: boolean): number {
  return Math.ceil(characters / 2) * (asksRightToLeft ? 2 : 1)
}

/**
 * Returns the size of a set of texts. A text with two hyphens in a row is not plain: the hyphens may become part of the prefix of an
 * A-label, and the Unicode tables decode A-labels.
 */
function sizeOf(texts: readonly string[]): Size {
  return { any: count(texts), plain: count(texts.filter((text) => /^[a-z0-9-]*$/.test(text) && !text.includes('--'))) }
}

function count(texts: readonly string[]): Count {
  return { count: texts.length, characters: texts.reduce((sum, { length }) => sum + length, 0) }
}

function plus(a: Size, b: Size): Size {
  const add = (x: Count, y: Count) => ({ count: x.count + y.count, characters: x.characters + y.characters })
  return { any: add(a.any, b.any), plain: add(a.plain, b.plain) }
}

function minus(a: Size, b: Size): Size {
  const subtract = (x: Count, y: Count) => ({ count: x.count - y.count, characters: x.characters - y.characters })
  return { any: subtract(a.any, b.any), plain: subtract(a.plain, b.plain) }
}

/** Returns the size of all texts that are made by joining a text of `a` with a text of `b`. */
function times(a: Size, b: Size): Size {
  const join = (x: Count, y: Count) => ({ count: x.count * y.count, characters: x.characters * y.count + y.characters * x.count })
  return { any: join(a.any, b.any), plain: join(a.plain, b.plain) }
}

function isFixed(placeholder: string): placeholder is FixedPlaceholder {
  return Object.hasOwn(vocabulary, placeholder)
}

const fixedSizes: Readonly<Record<FixedPlaceholder, Size>> = {
  prefix: sizeOf(vocabulary.prefix.map(({ text }) => text)),
  suffix: sizeOf(vocabulary.suffix.map(({ text }) => text)),
  action: sizeOf(vocabulary.action.map(({ text }) => text)),
  city: sizeOf(vocabulary.city.map(({ text }) => text)),
  state: sizeOf(vocabulary.state.map(({ text }) => text)),
  statecode: sizeOf(vocabulary.statecode.map(({ text }) => text)),
}
