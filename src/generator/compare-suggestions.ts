import type { Suggestion } from './domain-config.ts'

/** Best first: the higher score; among equals the shorter name, then the alphabetically first. A total order. */
export function compareSuggestions(a: Suggestion, b: Suggestion): number {
  if (a.score !== b.score) return b.score - a.score
  if (a.name.length !== b.name.length) return a.name.length - b.name.length
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
