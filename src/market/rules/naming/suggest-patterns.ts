import { toUnicodeName } from './idna.ts'
import { convertLabel } from './idna-label.ts'
import { type Keyword, parseKeywords } from './keyword.ts'
import { combineWords } from './labels.ts'
import { parsePattern } from './pattern.ts'

export interface SuggestedPattern {
  readonly pattern: string
  /**
   * Example names that the pattern makes of the keywords, under `com`. There are at most three. The search for examples ends after a few
   * invalid names, so there may be none.
   */
  readonly examples: readonly string[]
  /** Reason why the pattern suits the keywords, in one sentence. */
  readonly reason: string
}

/**
 * Returns the patterns that suit the keywords, the most promising first.
 * @throws GatewayError BAD_USER_INPUT that names the wrong keyword.
 */
export function suggestPatterns(given: readonly string[]): SuggestedPattern[] {
  const keywords = parseKeywords(given)
  return suitablePatterns(keywords).map(({ pattern, reason }) => ({ pattern, reason, examples: examplesOf(pattern, keywords) }))
}

/** Does the same as {@link suggestPatterns} without the examples, whose computation takes most of the time. */
export function suitablePatterns(keywords: readonly Keyword[]): readonly Pick<SuggestedPattern, 'pattern' | 'reason'>[] {
  return rules.filter(({ suits }) => suits(keywords))
}

interface Rule {
  readonly pattern: string
  readonly reason: string
  readonly suits: (keywords: readonly Keyword[]) => boolean
}

const rules: readonly Rule[] = [
  { pattern: '{keyword}', reason: 'The plain word is what people remember and type.', suits: () => true },
  { pattern: '{keyword}{city}', reason: 'Callers of this trade look for somebody near them.', suits: isLocal },
  { pattern: '{city}{keyword}', reason: 'Callers of this trade look for somebody near them.', suits: isLocal },
  { pattern: '{keyword}{state}', reason: 'The trade is regulated or priced by state.', suits: isStatewide },
  { pattern: '{keyword}{statecode}', reason: 'The trade is regulated or priced by state.', suits: isStatewide },
  { pattern: '{action}{keyword}', reason: 'A verb asks for the call.', suits: isShort },
  { pattern: '{prefix}{keyword}', reason: 'A promise sets the name apart.', suits: isShort },
  { pattern: '{keyword}{suffix}', reason: 'The ending says that there is somebody to call.', suits: isShort },
  { pattern: '{keyword}{keyword2}', reason: 'Two keywords in one name meet narrower searches.', suits: (keywords) => keywords.length > 1 },
  {
    pattern: '{keyword}-{keyword2}',
    reason: 'A hyphen keeps two long keywords readable.',
    suits: (keywords) => keywords.length > 1 && !isShort(keywords),
  },
  {
    pattern: '{keyword}-{city}',
    reason: 'A hyphen keeps a long keyword and a city readable.',
    suits: (keywords) => isLocal(keywords) && !isShort(keywords),
  },
]

/** Returns whether callers look for a service near them. True for an unknown trade, too, because most services sold by phone are local. */
function isLocal(keywords: readonly Keyword[]): boolean {
  return keywords.some(({ vertical }) => vertical?.local ?? true)
}

function isStatewide(keywords: readonly Keyword[]): boolean {
  return keywords.some(({ vertical }) => vertical?.local === false)
}

function isShort(keywords: readonly Keyword[]): boolean {
  return keywords.some(({ text }) => text.length <= 12)
}

const MAX_EXAMPLES = 3

/**
 * Maximum number of invalid names that are tried for one keyword. For example, a long keyword in a non-Latin script makes no valid name.
 * Trying all combinations of such a keyword would be wasted work.
 */
const MAX_FAILURES_OF_KEYWORD = 2
/** Maximum number of invalid names that are tried for all keywords together. */
const MAX_FAILURES = 6

function examplesOf(text: string, keywords: readonly Keyword[]): string[] {
  const pattern = parsePattern(text)
  const examples: string[] = []
  let failures = 0
  for (const keyword of keywords) {
    let failuresOfKeyword = 0
    for (const { text } of combineWords(pattern, keywords, [keyword])) {
      const label = convertLabel(text, false)
      if (label) {
        examples.push(toUnicodeName(`${label.ascii}.com`))
        if (examples.length === MAX_EXAMPLES) return examples
      } else {
        failures += 1
        failuresOfKeyword += 1
        if (failures === MAX_FAILURES) return examples
        if (failuresOfKeyword === MAX_FAILURES_OF_KEYWORD) break
      }
    }
  }
  return examples
}
