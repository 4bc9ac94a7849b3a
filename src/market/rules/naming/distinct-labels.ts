import type { Suggestion } from './domain-config.ts'
import { toUnicodeName } from './idna.ts'
import { convertLabel, type IdnaLabel, isPlain, plainLabel } from './idna-label.ts'
import { combineWords, type Label, termsOf } from './labels.ts'
import type { Plan, PlannedTld } from './plan.ts'
import { scoreLabel } from './score.ts'
import { unitsOfUnicodeLabel } from './work.ts'

/** A label that IDNA allows, with its score and its words. */
export interface FoundLabel {
  readonly label: Label
  readonly idna: IdnaLabel
  readonly points: number
}

/** Result of checking one combination of words, with the units of work that the check cost. */
export interface CheckedCombination {
  /** The label; null if the combination makes no allowed name, scores too low, or repeats an earlier name. */
  readonly found: FoundLabel | null
  readonly units: number
}

const SKIPPED: CheckedCombination = { found: null, units: 1 }

/**
 * Checks every combination of words. Different combinations can make the same label: "car" and "keys" together, or the single keyword
 * "carkeys". Only the first of these combinations is kept. The Unicode checks run last, because they cost most.
 */
export function* distinctLabels({ patterns, keywords, tlds, maxLength, minScore }: Plan): Generator<CheckedCombination, void, void> {
  const seen = new Set<string>()
  const minPoints = minScore - (tlds[0]?.score ?? 0)
  const asksRightToLeft = tlds.some(({ isRightToLeft }) => isRightToLeft)
  for (const pattern of patterns) {
    for (const label of combineWords(pattern, keywords)) {
      const { text } = label
      if (text.length > maxLength || seen.has(text)) {
        yield SKIPPED
        continue
      }
      seen.add(text)
      const points = scoreLabel(label)
      if (points < minPoints) {
        yield SKIPPED
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

/** Yields the domain names that the label forms under the top-level domains. */
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

/**
 * Returns the top-level domains under which the label is allowed and its name reaches the minimum score.
 * @param tlds Top-level domains, best first.
 */
export function fittingTlds(
  { points, idna: { fitsRightToLeft } }: FoundLabel,
  tlds: readonly PlannedTld[],
  minScore: number,
): PlannedTld[] {
  return tlds.filter(({ score, isRightToLeft }) => points + score >= minScore && (fitsRightToLeft || !isRightToLeft))
}
