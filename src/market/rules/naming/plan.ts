import { GatewayError } from '../../../errors.ts'
import { type DomainConfig, limits } from './domain-config.ts'
import { type Keyword, parseKeywords } from './keyword.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { scoreTld } from './score.ts'
import { suitablePatterns } from './suggest-patterns.ts'
import { rightToLeftTlds, topLevelDomain } from './top-level-domains.ts'
import { addWork, NO_WORK, type Work, workEstimate } from './work.ts'

/** A configuration that was checked and is within all limits, with the words and top-level domains to combine. */
export interface Plan {
  readonly keywords: readonly Keyword[]
  readonly patterns: readonly Pattern[]
  /** Top-level domains, best first. Top-level domains of equal score stay in the order of the configuration. */
  readonly tlds: readonly PlannedTld[]
  readonly limit: number
  readonly minScore: number
  readonly maxLength: number
  /** Units of work that it takes to check all combinations of words, see {@link Work}. */
  readonly units: number
}

export interface PlannedTld {
  readonly name: string
  readonly unicodeName: string
  readonly isRightToLeft: boolean
  readonly score: number
}

interface Bounds {
  readonly limit: number
  readonly defaultLimit: number
  readonly units: number
  readonly names: number
}

/**
 * Checks a configuration and plans the generation of its domain names.
 * @throws GatewayError BAD_USER_INPUT that names the wrong part of the configuration, what is accepted, and what was given.
 */
export function planGeneration(config: DomainConfig, bounds: Bounds): Plan {
  const keywords = parseKeywords(config.keywords)
  const tlds = plannedTlds(config, keywords)
  const estimate = workEstimate(
    keywords,
    tlds.some(({ isRightToLeft }) => isRightToLeft),
  )
  const patterns = config.patterns ? givenPatterns(config.patterns, keywords, estimate) : defaultPatterns(keywords, estimate, bounds.units)
  const work = patterns.map(estimate).reduce(addWork, NO_WORK)
  if (work.units > bounds.units) throw tooMuchWork(work, bounds.units)
  if (work.labels * tlds.length > bounds.names)
    throw tooMany(`${work.labels * tlds.length} names`, bounds.names, 'fewer keywords, patterns or top-level domains')
  return {
    keywords,
    patterns,
    tlds,
    limit: integer('limit', config.limit, bounds.defaultLimit, 1, bounds.limit),
    minScore: integer('minScore', config.minScore, 0, 0, 100),
    maxLength: integer('maxLength', config.maxLength, 63, 1, 63),
    units: work.units,
  }
}

function givenPatterns(given: readonly string[], keywords: readonly Keyword[], estimate: (pattern: Pattern) => Work): Pattern[] {
  checkCount('patterns', given.length, limits.patterns, '{keyword}')
  const distinct = [...new Map(given.map((text) => [text, parsePattern(text)])).values()]
  for (const pattern of distinct) {
    if (estimate(pattern).labels > 0) continue
    const needsSecond = keywords.length < 2 && pattern.text.toLowerCase().includes('{keyword2}')
    const reason = needsSecond
      ? 'uses {keyword2}, which needs at least 2 different keywords, and there is 1: add one or take the pattern out'
      : 'uses {related}, and none of the keywords belongs to a known trade: take the pattern out'
    throw new GatewayError('BAD_USER_INPUT', `patterns: ${JSON.stringify(pattern.text)} ${reason}.`)
  }
  return distinct
}

/**
 * Returns the default patterns, most promising first. Leaves out each pattern with which the total work would exceed the limit. So a caller
 * who gave no patterns is never refused because the default patterns cost too much.
 */
function defaultPatterns(keywords: readonly Keyword[], estimate: (pattern: Pattern) => Work, maxUnits: number): Pattern[] {
  let units = 0
  return suitablePatterns(keywords)
    .map(({ pattern }) => parsePattern(pattern))
    .filter((pattern) => {
      const more = estimate(pattern).units
      if (units + more > maxUnits) return false
      units += more
      return true
    })
}

function plannedTlds(config: DomainConfig, keywords: readonly Keyword[]): PlannedTld[] {
  const given = config.tlds ?? ['com']
  checkCount('tlds', given.length, limits.tlds, 'com')
  const distinct = new Map(given.map(topLevelDomain).map((tld) => [tld.name, tld]))
  return [...distinct.values()]
    .map(({ name, unicodeName }) => ({
      name,
      unicodeName,
      isRightToLeft: rightToLeftTlds.has(name),
      score: scoreTld(name, keywords),
    }))
    .sort((a, b) => b.score - a.score)
}

function checkCount(name: string, count: number, most: number, example: string): void {
  if (count === 0) throw new GatewayError('BAD_USER_INPUT', `${name} is empty: give at least one, such as "${example}".`)
  if (count > most) throw new GatewayError('BAD_USER_INPUT', `${name} has ${count} items and may have at most ${most}: give fewer.`)
}

function tooMuchWork({ labels, unicodeLabels, units }: Work, maxUnits: number): GatewayError {
  const remedy = 'fewer keywords, or patterns with fewer placeholders'
  if (unicodeLabels === 0) return tooMany(`${labels} combinations of words`, maxUnits, remedy)
  const what = `${labels} combinations of words, of which the ${unicodeLabels} with letters other than a to z count more, ${units} in all`
  return tooMany(what, maxUnits, remedy)
}

function tooMany(what: string, most: number, remedy: string): GatewayError {
  return new GatewayError('BAD_USER_INPUT', `keywords, tlds and patterns make ${what}, and ${most} are allowed: give ${remedy}.`)
}

function integer(name: string, value: number | undefined, preset: number, least: number, most: number): number {
  if (value === undefined) return preset
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new GatewayError('BAD_USER_INPUT', `${name} must be an integer from ${least} to ${most}, got ${value}.`)
}
