import { Lexer, Source, TokenKind } from 'graphql'
import type { DocumentLimits, InputLimits } from './limits.ts'
import { refuseAbove } from './refuse.ts'

/**
 * Number of nested brackets that is always safe. The parser is recursive: it handles thousands of levels, but tens of thousands overflow
 * the stack.
 */
const SAFE_BRACKETS = 200

/**
 * Refuses a document whose brackets are nested so deeply that the recursive parser could overflow the stack. This check only scans the
 * tokens of the text. If a document passes this check, the limits on depth are checked after parsing, when its fragments are known.
 * @throws LimitExceededError
 */
export function checkBracketDepth(text: string, limits: DocumentLimits & InputLimits): void {
  if (countBrackets(text) <= SAFE_BRACKETS) return
  const open: ('input' | 'selection')[] = []
  const levels = { input: 0, selection: 0 }
  const deepest = { input: 0, selection: 0, all: 0 }
  const lexer = new Lexer(new Source(text))
  try {
    for (
      let token = lexer.advance(), tokens = 0;
      token.kind !== TokenKind.EOF && tokens <= limits.maxTokens;
      token = lexer.advance(), tokens++
    ) {
      if (token.kind === TokenKind.BRACKET_L || token.kind === TokenKind.BRACE_L) {
        const isValue = token.kind === TokenKind.BRACKET_L || token.prev?.kind === TokenKind.COLON || open.at(-1) === 'input'
        const kind = isValue ? 'input' : 'selection'
        open.push(kind)
        deepest[kind] = Math.max(deepest[kind], ++levels[kind])
        deepest.all = Math.max(deepest.all, open.length)
      } else if (token.kind === TokenKind.BRACKET_R || token.kind === TokenKind.BRACE_R) {
        const kind = open.pop()
        if (kind) levels[kind]--
      }
    }
  } catch {
    // The text contains an invalid token, which the parser will report.
  }
  if (deepest.all <= SAFE_BRACKETS) return
  refuseAbove(limits, 'maxInputDepth', deepest.input, 'levels of objects and lists in one argument')
  refuseAbove(limits, 'maxDepth', deepest.selection, 'levels of fields and inline fragments')
}

function countBrackets(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) count++
  }
  return count
}
