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
  tlds: 100,
  patterns: 50,
  patternLength: 100,
  patternPlaceholders: 5,
  suggestions: 500,
  /** Combinations of words that `suggestDomains` looks at before top-level domains multiply them: some 100 ms of work. */
  suggestedLabels: 50_000,
  /** Combinations of words in `generateCandidates`: they are remembered to leave out repeats, about 100 bytes each. */
  generatedLabels: 1_000_000,
  /** Names in `generateCandidates`: combinations times top-level domains. */
  generatedNames: 10_000_000,
} as const
