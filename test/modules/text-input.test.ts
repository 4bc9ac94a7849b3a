import { describe, expect, it } from 'vitest'
import { foldedText, plainText, readText, requireText } from '#src/gateway/contract/text-input.ts'

const rule = { what: 'a name', minLength: 1, maxLength: 3 }

describe('the check of a text from a client', () => {
  it.each([
    ['three code points of two UTF-16 units each', '\u{1F600}\u{1F600}\u{1F600}', '\u{1F600}\u{1F600}\u{1F600}'],
    ['surrounding spaces, which do not count', '   abc\t\n', 'abc'],
    ['combining accents, which are composed with their letters', 'e\u0301e\u0301e\u0301', '\u00e9\u00e9\u00e9'],
  ])('accepts a text within its limits and returns the normalized text: %s', (_, given, text) => {
    expect(readText(given, rule)).toEqual({ text })
  })

  it.each([
    ['', 'Expected a name of 1 to 3 characters, got 0 in "".'],
    ['  ', 'Expected a name of 1 to 3 characters, got 0 in "  ".'],
    ['\u{1F600}abc', 'Expected a name of 1 to 3 characters, got 4 in "\u{1F600}abc".'],
    ['a\0', 'Expected a name without the character U+0000: leave it out.'],
    ['\ud83d', 'Expected a name without half a character (a lone surrogate): send well-formed Unicode.'],
    ['\ude00', 'Expected a name without half a character (a lone surrogate): send well-formed Unicode.'],
  ])('rejects %j with an error that says what was expected and what was received', (given, problem) => {
    expect(readText(given, rule)).toEqual({ problem })
    expect(() => requireText(given, rule)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', message: problem }))
  })

  it('names only the maximum length in its error if the text may be empty', () => {
    expect(readText('', { what: 'a pattern', maxLength: 2 })).toEqual({ text: '' })
    expect(readText('abc', { what: 'a pattern', maxLength: 2 })).toEqual({
      problem: 'Expected a pattern of at most 2 characters, got 3 in "abc".',
    })
  })

  it('normalizes words in different widths and cases to the same form', () => {
    expect(foldedText('\uff30lumber')).toBe('plumber')
    expect(plainText(' \uff30lumber ')).toBe('\uff30lumber')
  })
})
