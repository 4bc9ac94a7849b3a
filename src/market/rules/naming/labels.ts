import { type Keyword, type Phrase, phrase } from './keyword.ts'
import type { Pattern, Placeholder } from './pattern.ts'
import { actions, prefixes, suffixes } from './vocabulary/affixes.ts'
import { cities, states } from './vocabulary/places.ts'

/** The part of a name to the left of its top-level domain. */
export interface Label {
  /** The label in U-label form (Unicode), lower case. */
  readonly text: string
  /** Number of characters that come from the given keywords. */
  readonly keywordLength: number
  readonly pattern: Pattern
  /** Words of the label except the last word. Labels that differ only in the last word share this list. */
  readonly head: readonly Phrase[]
  readonly last: Phrase
}

export type FixedPlaceholder = Exclude<Placeholder, 'keyword' | 'keyword2' | 'related'>

/** Words for the placeholders that do not depend on the keywords. */
export const vocabulary: Readonly<Record<FixedPlaceholder, readonly Phrase[]>> = {
  prefix: prefixes.map(phrase),
  suffix: suffixes.map(phrase),
  action: actions.map(phrase),
  city: cities.map(phrase),
  state: states.map(({ name }) => phrase(name)),
  statecode: states.map(({ code }) => phrase(code)),
}

/**
 * Yields the label of every combination of words. Each label is generated only when the caller requests it. The same label may come more
 * than once.
 * @param firsts The keywords that replace {keyword}; all keywords by default.
 */
export function* combineWords(pattern: Pattern, keywords: readonly Keyword[], firsts = keywords): Generator<Label, void, void> {
  const isKeyword = pattern.parts.map((part) => 'placeholder' in part && part.placeholder.startsWith('keyword'))
  const lastIsKeyword = isKeyword.at(-1) === true
  for (const keyword of firsts) {
    const slots = slotsOf(pattern, keyword, keywords)
    const lastSlot = slots.pop()
    if (!lastSlot || slots.some((slot) => slot.length === 0)) continue
    const chosen = slots.map(() => 0)
    do {
      const head = slots.map((slot, index) => slot[chosen[index] ?? 0] as Phrase)
      const headText = head.map(({ text }) => text).join('')
      const headKeywordLength = head.reduce((sum, { text }, index) => (isKeyword[index] ? sum + text.length : sum), 0)
      for (const last of lastSlot) {
        yield {
          text: headText + last.text,
          keywordLength: headKeywordLength + (lastIsKeyword ? last.text.length : 0),
          pattern,
          head,
          last,
        }
      }
    } while (advance(chosen, slots))
  }
}

export function termsOf({ head, last }: Label): string[] {
  return [...head.flatMap(({ terms }) => terms), ...last.terms]
}

/**
 * Advances to the next combination of words, as an odometer counts: the last position changes fastest. Returns false after the last
 * combination.
 */
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

function slotsOf(pattern: Pattern, keyword: Keyword, keywords: readonly Keyword[]): (readonly Phrase[])[] {
  return pattern.parts.map((part) => ('placeholder' in part ? choices(part.placeholder, keyword, keywords) : [literal(part.literal)]))
}

function choices(placeholder: Placeholder, keyword: Keyword, keywords: readonly Keyword[]): readonly Phrase[] {
  if (placeholder === 'keyword') return [keyword]
  if (placeholder === 'keyword2') return keywords.filter((other) => other !== keyword)
  return placeholder === 'related' ? keyword.related : vocabulary[placeholder]
}

function literal(text: string): Phrase {
  return { text, terms: text.split('-').filter((term) => term !== '') }
}
