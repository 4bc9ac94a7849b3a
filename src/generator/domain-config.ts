/** What to generate domains from. Anything out of bounds is a GatewayError BAD_USER_INPUT that names it. */
export interface DomainConfig {
  /** Words or short phrases of the trade, such as `plumber` or `water damage`. 1 to {@link limits.keywords}. */
  readonly keywords: readonly string[]
  /** Top-level domains as `com`, `.com` or in U-label form. 1 to {@link limits.tlds}; by default `com`. */
  readonly tlds?: readonly string[]
  /** Such as `{keyword}-{city}`; the placeholders are listed in `pattern.ts`. By default those that suit the keywords. */
  readonly patterns?: readonly string[]
  /** How many names at most: by default 50 of `suggestDomains`, all of `generateCandidates`. */
  readonly limit?: number
  /** Names that score less are left out, 0 to 100. By default 0. */
  readonly minScore?: number
  /** Longest name left of the top-level domain, in characters. By default 63, what the DNS allows. */
  readonly maxLength?: number
}

/** A generated name. `score` is 0 to 100; `terms` are the words it was made of, in lower case. */
export interface Suggestion {
  /** A-label form, lower case. */
  readonly name: string
  readonly unicodeName: string
  readonly sld: string
  readonly tld: string
  readonly terms: readonly string[]
  /** The pattern it came out of, as it was given. */
  readonly pattern: string
  readonly score: number
}

export type Candidate = Suggestion

export const limits = {
  keywords: 50,
  keywordLength: 40,
  /** Characters of a keyword before anything is done with it: blanks and punctuation count. */
  givenKeywordLength: 100,
  tlds: 100,
  /** Characters of a top-level domain as it is given: an A-label has 63 at most. */
  givenTldLength: 100,
  /** Characters of a domain name as it is given: in A-label form it has 253 at most. */
  givenNameLength: 300,
  patterns: 50,
  patternLength: 100,
  patternPlaceholders: 5,
  suggestions: 500,
  /** Units of work in `suggestDomains`, see `work.ts`: about 100 ms, and 5 MB to remember which combinations were there. */
  suggestedUnits: 50_000,
  /** Units of work in `generateCandidates`: about 400 ms and 20 MB. */
  generatedUnits: 200_000,
  /** Names in `generateCandidates`: combinations times top-level domains. */
  generatedNames: 10_000_000,
} as const
