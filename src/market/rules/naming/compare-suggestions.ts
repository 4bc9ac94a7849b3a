import type { Suggestion } from './domain-config.ts'

/** Orders suggested names, best first: by higher score, then by shorter name, then alphabetically. It is a total order. */
export function compareSuggestions(a: Suggestion, b: Suggestion): number {
  if (a.score !== b.score) return b.score - a.score
  if (a.name.length !== b.name.length) return a.name.length - b.name.length
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
