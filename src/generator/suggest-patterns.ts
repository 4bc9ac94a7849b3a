import { toUnicodeName } from './idna.ts'
import { convertLabel } from './idna-label.ts'
import { type Keyword, parseKeywords } from './keyword.ts'
import { combineWords } from './labels.ts'
import { parsePattern } from './pattern.ts'

export interface SuggestedPattern {
  readonly pattern: string
  /** Names that it makes of the keywords, under `com`. At most three; none where the first combinations are no valid names. */
  readonly examples: readonly string[]
  /** Why it suits them, one sentence. */
  readonly reason: string
}

/**
 * The patterns that suit the keywords, the most promising first.
 * @throws GatewayError BAD_USER_INPUT that names a keyword.
 */
export function suggestPatterns(given: readonly string[]): SuggestedPattern[] {
  const keywords = parseKeywords(given)
  return suitablePatterns(keywords).map(({ pattern, reason }) => ({ pattern, reason, examples: examplesOf(pattern, keywords) }))
}

/** The same without examples, which cost most. */
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

/** Also of words whose trade nobody knows: what is sold by phone is mostly done nearby. */
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

/** Combinations that are no valid name, of one keyword and of all: long keywords of another script make none at all. */
const MAX_FAILURES_OF_KEYWORD = 2
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
