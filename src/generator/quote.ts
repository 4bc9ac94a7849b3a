/** A text that a client gave, as an error shows it: cut first (no character in half), then escaped, so that a huge one costs and shows little. */
export function quote(given: string, maxLength = 60): string {
  return JSON.stringify(given.length > maxLength ? `${given.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}…` : given)
}
