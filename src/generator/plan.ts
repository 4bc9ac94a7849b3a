import { GatewayError } from '../errors.ts'
import { type DomainConfig, limits } from './domain-config.ts'
import { type Keyword, parseKeywords } from './keyword.ts'
import { countLabels } from './labels.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { scoreTld } from './score.ts'
import { suggestPatterns } from './suggest-patterns.ts'
import { topLevelDomain } from './top-level-domains.ts'

/** A checked configuration: what is to be combined, and no more than the bounds allow. */
export interface Plan {
  readonly keywords: readonly Keyword[]
  readonly patterns: readonly Pattern[]
  /** Best first; the order they were given in breaks ties. */
  readonly tlds: readonly PlannedTld[]
  readonly limit: number
  readonly minScore: number
  readonly maxLength: number
}

export interface PlannedTld {
  readonly name: string
  readonly unicodeName: string
  readonly score: number
}

interface Bounds {
  readonly limit: number
  readonly defaultLimit: number
  readonly labels: number
  readonly names: number
}

/** @throws GatewayError BAD_USER_INPUT that names the part of the configuration, what it may be, and what it is. */
export function planGeneration(config: DomainConfig, bounds: Bounds): Plan {
  const keywords = parseKeywords(config.keywords)
  const patterns = plannedPatterns(config, keywords)
  const tlds = plannedTlds(config, keywords)
  const labels = patterns.reduce((sum, pattern) => sum + countLabels(pattern, keywords), 0)
  if (labels > bounds.labels)
    throw tooMany(`${labels} combinations of words`, bounds.labels, 'fewer keywords, or patterns with fewer placeholders')
  if (labels * tlds.length > bounds.names)
    throw tooMany(`${labels * tlds.length} names`, bounds.names, 'fewer keywords, patterns or top-level domains')
  return {
    keywords,
    patterns,
    tlds,
    limit: integer('limit', config.limit, bounds.defaultLimit, 1, bounds.limit),
    minScore: integer('minScore', config.minScore, 0, 0, 100),
    maxLength: integer('maxLength', config.maxLength, 63, 1, 63),
  }
}

function plannedPatterns(config: DomainConfig, keywords: readonly Keyword[]): Pattern[] {
  const given = config.patterns ?? suggestPatterns(config.keywords).map(({ pattern }) => pattern)
  checkCount('patterns', given.length, limits.patterns, '{keyword}')
  const distinct = [...new Map(given.map((text) => [text, parsePattern(text)])).values()]
  for (const pattern of distinct) {
    if (countLabels(pattern, keywords) > 0) continue
    const needsSecond = keywords.length < 2 && pattern.text.toLowerCase().includes('{keyword2}')
    const reason = needsSecond
      ? 'uses {keyword2}, which needs at least 2 different keywords, and there is 1: add one or take the pattern out'
      : 'uses {related}, and none of the keywords belongs to a known trade: take the pattern out'
    throw new GatewayError('BAD_USER_INPUT', `patterns: ${JSON.stringify(pattern.text)} ${reason}.`)
  }
  return distinct
}

function plannedTlds(config: DomainConfig, keywords: readonly Keyword[]): PlannedTld[] {
  const given = config.tlds ?? ['com']
  checkCount('tlds', given.length, limits.tlds, 'com')
  const distinct = new Map(given.map(topLevelDomain).map((tld) => [tld.name, tld]))
  return [...distinct.values()]
    .map(({ name, unicodeName }) => ({ name, unicodeName, score: scoreTld(name, keywords) }))
    .sort((a, b) => b.score - a.score)
}

function checkCount(name: string, count: number, most: number, example: string): void {
  if (count === 0) throw new GatewayError('BAD_USER_INPUT', `${name} is empty: give at least one, such as "${example}".`)
  if (count > most) throw new GatewayError('BAD_USER_INPUT', `${name} has ${count} items and may have ${most}: give fewer.`)
}

function tooMany(what: string, most: number, remedy: string): GatewayError {
  return new GatewayError('BAD_USER_INPUT', `keywords, tlds and patterns make ${what}, and ${most} are allowed: give ${remedy}.`)
}

function integer(name: string, value: number | undefined, preset: number, least: number, most: number): number {
  if (value === undefined) return preset
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new GatewayError('BAD_USER_INPUT', `${name} must be an integer from ${least} to ${most}, got ${value}.`)
}
