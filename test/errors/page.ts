import type { ErrorCodeEntry } from '#src/errors.ts'

/** Returns the row of an error code in the table of docs/errors.md. */
function rowOf(code: string, { status, otherStatuses = [], origin, meaning, canRetry, remedy }: ErrorCodeEntry): string {
  const statuses = origin === 'start' ? '–' : [status, ...otherStatuses].join(', ')
  return `| \`${code}\` | ${statuses} | ${canRetry ? 'yes' : 'no'} | ${meaning} | ${remedy} |`
}

/** Returns the differences between the page and the registry, as lines that can be pasted into the page. */
export function problemsOfPage(page: string, registry: Readonly<Record<string, ErrorCodeEntry>>): readonly string[] {
  const table = page.slice(0, page.indexOf('## Exit codes'))
  const rows = new Set(table.match(/^\| `[A-Z_]+` \| (?:\d|–).*$/gm))
  const wanted = new Set(Object.entries(registry).map(([code, entry]) => rowOf(code, entry)))
  const passages = [...page.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code as string)
  return [
    ...[...wanted].filter((row) => !rows.has(row)).map((row) => `missing: ${row}`),
    ...[...rows].filter((row) => !wanted.has(row)).map((row) => `not in the registry: ${row}`),
    ...Object.keys(registry)
      .filter((code) => !passages.includes(code))
      .map((code) => `no passage: ${code}`),
    ...passages.filter((code) => !(code in registry)).map((code) => `passage of an unknown code: ${code}`),
  ]
}
