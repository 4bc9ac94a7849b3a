/** Describes which domain names to generate. A value out of bounds causes a GatewayError BAD_USER_INPUT that names the value. */
export interface DomainConfig {
  /** Words or short phrases of a trade, such as `plumber` or `water damage`. At least 1 and at most {@link limits.keywords}. */
  readonly keywords: readonly string[]
  /** Top-level domains as `com`, `.com` or in U-label form. At least 1 and at most {@link limits.tlds}. Default: `com`. */
  readonly tlds?: readonly string[]
  /** Patterns such as `{keyword}-{city}`; `pattern.ts` lists the placeholders. Default: the patterns that suit the keywords. */
  readonly patterns?: readonly string[]
  /** Maximum number of names to return. Default: 50 for `suggestDomains`, all for `generateCandidates`. */
  readonly limit?: number
  /** Minimum score, from 0 to 100: names that score less are left out. Default: 0. */
  readonly minScore?: number
  /** Maximum length of the label left of the top-level domain, in characters. Default: 63, the limit of the DNS. */
  readonly maxLength?: number
}

/** A generated domain name. `score` is 0 to 100; `terms` are the words that the name was made of, in lower case. */
export interface Suggestion {
  /** Name in A-label form (RFC 5890), lower case. */
  readonly name: string
  readonly unicodeName: string
  readonly sld: string
  readonly tld: string
  readonly terms: readonly string[]
  /** The pattern that produced the name, as the caller spelled it. */
  readonly pattern: string
  readonly score: number
}

export type Candidate = Suggestion

export const limits = {
  keywords: 50,
  keywordLength: 40,
  /** Maximum length of a keyword as the caller gave it, in characters: blanks and punctuation count. */
  givenKeywordLength: 100,
  tlds: 100,
  /** Maximum length of a top-level domain as the caller gave it, in characters. An A-label has at most 63. */
  givenTldLength: 100,
  /** Maximum length of a domain name as the caller gave it, in characters. A name in A-label form has at most 253. */
  givenNameLength: 300,
  patterns: 50,
  patternLength: 100,
  patternPlaceholders: 5,
  suggestions: 500,
  /**
   * Maximum units of work in `suggestDomains` (work.ts defines the unit). So much work takes about 100 ms of CPU time. The set of the
   * labels that were already seen takes 5 MB of memory.
   */
  suggestedUnits: 50_000,
  /** Maximum units of work in `generateCandidates`. So much work takes about 400 ms of CPU time and 20 MB of memory. */
  generatedUnits: 200_000,
  /** Maximum number of names in `generateCandidates`: the number of combinations of words times the number of top-level domains. */
  generatedNames: 10_000_000,
} as const
