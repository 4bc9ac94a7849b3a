import type { Suggestion } from './domain-config.ts'
import { toUnicodeName } from './idna.ts'
import { convertLabel, type IdnaLabel, isPlain, plainLabel } from './idna-label.ts'
import { combineWords, type Label, termsOf } from './labels.ts'
import type { Plan, PlannedTld } from './plan.ts'
import { scoreLabel } from './score.ts'
import { unitsOfUnicodeLabel } from './work.ts'

/** A label that IDNA allows, with its points and the words it was made of. */
export interface FoundLabel {
  readonly label: Label
  readonly idna: IdnaLabel
  readonly points: number
}

/** One combination of words that was looked at. */
export interface Look {
  /** Null for a combination that makes no name, or makes one that was there before. */
  readonly found: FoundLabel | null
  readonly units: number
}

const PASSED_OVER: Look = { found: null, units: 1 }

/**
 * Looks at every combination of words. Different words can make the same name ("car" + "keys", "carkeys"): the first is kept.
 * What Unicode allows is asked last, because it costs most.
 */
export function* distinctLabels({ patterns, keywords, tlds, maxLength, minScore }: Plan): Generator<Look, void, void> {
  const seen = new Set<string>()
  const minPoints = minScore - (tlds[0]?.score ?? 0)
  const asksRightToLeft = tlds.some(({ isRightToLeft }) => isRightToLeft)
  for (const pattern of patterns) {
    for (const label of combineWords(pattern, keywords)) {
      const { text } = label
      if (text.length > maxLength || seen.has(text)) {
        yield PASSED_OVER
        continue
      }
      seen.add(text)
      const points = scoreLabel(label)
      if (points < minPoints) {
        yield PASSED_OVER
        continue
      }
      const needsUnicode = !isPlain(text)
      const idna = needsUnicode ? convertLabel(text, asksRightToLeft) : plainLabel(text)
      const units = needsUnicode ? unitsOfUnicodeLabel(text.length, asksRightToLeft) : 1
      if (idna === null || (idna.ascii !== text && seen.has(idna.ascii))) {
        yield { found: null, units }
        continue
      }
      if (idna.ascii !== text) seen.add(idna.ascii)
      yield { found: { label, points, idna }, units }
    }
  }
}

/** What becomes of a label under each of the top-level domains. */
export function* namesOf({ label, points, idna: { ascii } }: FoundLabel, tlds: Iterable<PlannedTld>): Generator<Suggestion> {
  const unicodeLabel = toUnicodeName(ascii)
  const terms = termsOf(label)
  for (const tld of tlds) {
    yield {
      name: `${ascii}.${tld.name}`,
      unicodeName: `${unicodeLabel}.${tld.unicodeName}`,
      sld: ascii,
      tld: tld.name,
      terms,
      pattern: label.pattern.text,
      score: points + tld.score,
    }
  }
}

/** @param tlds Best first. Those under which the name is allowed and reaches the least score. */
export function fittingTlds(
  { points, idna: { fitsRightToLeft } }: FoundLabel,
  tlds: readonly PlannedTld[],
  minScore: number,
): PlannedTld[] {
  return tlds.filter(({ score, isRightToLeft }) => points + score >= minScore && (fitsRightToLeft || !isRightToLeft))
}
