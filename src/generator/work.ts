import type { Keyword } from './keyword.ts'
import { type FixedPlaceholder, vocabulary } from './labels.ts'
import type { Pattern } from './pattern.ts'

/**
 * What a configuration costs, known before it is worked through. A combination of words is one unit, which is about a microsecond
 * of CPU. One with letters other than a to z needs the tables of Unicode: each two of its characters are one more unit, or two
 * more where it has to be checked for right-to-left top-level domains, too.
 */
export interface Work {
  /** Combinations of words, repeats included. */
  readonly labels: number
  /** Those among them that need the tables of Unicode. */
  readonly unicodeLabels: number
  readonly units: number
}

export const NO_WORK: Work = { labels: 0, unicodeLabels: 0, units: 0 }

export function addWork(a: Work, b: Work): Work {
  return { labels: a.labels + b.labels, unicodeLabels: a.unicodeLabels + b.unicodeLabels, units: a.units + b.units }
}

/** The units of one label that needs the tables of Unicode. */
export function unitsOfUnicodeLabel(length: number, asksRightToLeft: boolean): number {
  return 1 + unicodeUnits(length, asksRightToLeft)
}

/**
 * Tells what each pattern costs. Nothing is done once for each keyword and pattern: 50 of each would cost more than the work.
 * @param asksRightToLeft Whether a right-to-left top-level domain is wanted.
 */
export function workEstimate(keywords: readonly Keyword[], asksRightToLeft: boolean): (pattern: Pattern) => Work {
  const own = keywords.map(({ text }) => sizeOf([text]))
  const related = keywords.map((keyword) => sizeOf(keyword.related.map(({ text }) => text)))
  const all = own.reduce(plus, EMPTY)
  const sums = new Map<string, Size>()
  /** The combinations of the parts that depend on the keyword, over all keywords. */
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
  /** Their characters together. */
  readonly characters: number
}

/** How many texts there are, and how many of them need no tables of Unicode. */
interface Size {
  readonly any: Count
  readonly plain: Count
}

const EMPTY: Size = { any: { count: 0, characters: 0 }, plain: { count: 0, characters: 0 } }

function unicodeUnits(characters: number, asksRightToLeft: boolean): number {
  return Math.ceil(characters / 2) * (asksRightToLeft ? 2 : 1)
}

/** Two hyphens may become the mark of an A-label, which the tables decode. */
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

/** Every text of the one joined with every text of the other. */
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
