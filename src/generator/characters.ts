/** How many characters a text has: Unicode code points, so that an emoji of one code point is one character. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
