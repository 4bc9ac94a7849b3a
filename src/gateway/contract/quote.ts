/** Quotes a client's text for an error message. A long text is cut before it is escaped, so that quoting a huge text costs little. */
export function quote(given: string, maxLength = 60): string {
  return JSON.stringify(cutText(given, maxLength))
}

/** Cuts a text to `maxLength` UTF-16 code units and adds `…`; a shorter text stays as it is. Never splits a surrogate pair. */
export function cutText(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}…` : text
}
