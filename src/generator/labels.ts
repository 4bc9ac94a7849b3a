import { type Keyword, type Phrase, phrase } from './keyword.ts'
import type { Pattern, Placeholder } from './pattern.ts'
import { actions, prefixes, suffixes } from './vocabulary/affixes.ts'
import { cities, states } from './vocabulary/places.ts'

/** What stands left of the top-level domain. */
export interface Label {
  /** U-label form, lower case. */
  readonly text: string
  readonly terms: readonly string[]
  /** How many of its characters come from the given keywords. */
  readonly keywordLength: number
  readonly pattern: Pattern
}

type FixedPlaceholder = Exclude<Placeholder, 'keyword' | 'keyword2' | 'related'>

const vocabulary: Readonly<Record<FixedPlaceholder, readonly Phrase[]>> = {
  prefix: prefixes.map(phrase),
  suffix: suffixes.map(phrase),
  action: actions.map(phrase),
  city: cities.map(phrase),
  state: states.map(({ name }) => phrase(name)),
  statecode: states.map(({ code }) => phrase(code)),
}

/** How many combinations of words a pattern makes, repeats included. */
export function countLabels(pattern: Pattern, keywords: readonly Keyword[]): number {
  const factors = pattern.parts.map((part) => {
    if (!('placeholder' in part)) return 1
    if (part.placeholder === 'keyword') return 1
    if (part.placeholder === 'keyword2') return keywords.length - 1
    return part.placeholder === 'related' ? 1 : vocabulary[part.placeholder].length
  })
  const relates = pattern.parts.some((part) => 'placeholder' in part && part.placeholder === 'related')
  const bases = relates ? keywords.reduce((sum, keyword) => sum + relatedTo(keyword).length, 0) : keywords.length
  return factors.reduce((product, factor) => product * factor, bases)
}

/** Every combination, made as it is asked for; the same text may come more than once. */
export function* combineWords(pattern: Pattern, keywords: readonly Keyword[]): Generator<Label> {
  for (const keyword of keywords) {
    const slots = pattern.parts.map((part) =>
      'placeholder' in part ? choices(part.placeholder, keyword, keywords) : [literal(part.literal)],
    )
    if (slots.some((slot) => slot.length === 0)) continue
    const ofKeyword = pattern.parts.map((part) => 'placeholder' in part && part.placeholder.startsWith('keyword'))
    const chosen = slots.map(() => 0)
    do {
      const words = slots.map((slot, index) => slot[chosen[index] ?? 0] as Phrase)
      yield {
        text: words.map((word) => word.text).join(''),
        terms: words.flatMap((word) => word.terms),
        keywordLength: words.reduce((sum, word, index) => (ofKeyword[index] ? sum + word.text.length : sum), 0),
        pattern,
      }
    } while (advance(chosen, slots))
  }
}

/** Counts up like an odometer, the last slot fastest; false once all combinations were there. */
function advance(chosen: number[], slots: readonly (readonly Phrase[])[]): boolean {
  for (let index = slots.length - 1; index >= 0; index -= 1) {
    const next = (chosen[index] ?? 0) + 1
    if (next < (slots[index]?.length ?? 0)) {
      chosen[index] = next
      return true
    }
    chosen[index] = 0
  }
  return false
}

function choices(placeholder: Placeholder, keyword: Keyword, keywords: readonly Keyword[]): readonly Phrase[] {
  if (placeholder === 'keyword') return [keyword]
  if (placeholder === 'keyword2') return keywords.filter((other) => other !== keyword)
  return placeholder === 'related' ? relatedTo(keyword) : vocabulary[placeholder]
}

function relatedTo(keyword: Keyword): Phrase[] {
  return (keyword.vertical?.keywords ?? []).map(phrase).filter((other) => other.text !== keyword.text)
}

function literal(text: string): Phrase {
  return { text, terms: text.split('-').filter((term) => term !== '') }
}
