const MAX_TEXT = 300
const MAX_ITEMS = 20
const MAX_DEPTH = 6
/** Names of arguments whose values are data of a tenant. The audit log says only that they were given. */
const REDACTED = new Set(['variables'])

/** Returns the arguments of a call in the form in which the audit log stores them: without values of variables, and bounded in size. */
export function recordedArguments(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return recorded(given, 0) as Readonly<Record<string, unknown>>
}

function recorded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutNul(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '…'
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => recorded(item, depth + 1))
    return value.length > MAX_ITEMS ? [...items, `… ${value.length - MAX_ITEMS} more`] : items
  }
  const entries = Object.entries(value).slice(0, MAX_ITEMS)
  return Object.fromEntries(
    entries.map(([name, part]) => [withoutNul(name.slice(0, MAX_TEXT)), REDACTED.has(name) ? namesOf(part) : recorded(part, depth + 1)]),
  )
}

function namesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return '(redacted)'
  return Object.fromEntries(
    Object.keys(value)
      .slice(0, MAX_ITEMS)
      .map((name) => [withoutNul(name.slice(0, MAX_TEXT)), '(redacted)']),
  )
}

/** PostgreSQL does not store the character NUL. Unpaired surrogates are no valid Unicode either. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}').toWellFormed()
}
