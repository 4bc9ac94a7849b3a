/** Maximum length of a summary, characters. */
const MAX_LENGTH = 255
/** Maximum number of statements whose summaries are kept. The gateway has far fewer, except for lists of different lengths. */
const MAX_KEPT = 500

const NAME = String.raw`(?:"[^"]+"|[a-z_][\w$]*)`
/** Texts and comments are matched first, so that the words in them are skipped. */
const SKIPPED = String.raw`'(?:[^']|'')*'|--[^\n]*|/\*[\s\S]*?\*/`
/** Words that look like the start of a clause but are not: `for update`, `do update`, `is distinct from`, `extract(epoch from …)`. */
const NO_CLAUSE = String.raw`(?<!\b(?:for|do|key|distinct)\s+)(?<!\b(?:extract|trim|substring|overlay)\s*\([^()]*)`
const CLAUSE = String.raw`\b(select|insert\s+into|update|delete\s+from|from|join)\b(?:\s+(?:only|lateral)\b)?(?:\s+(${NAME}(?:\.${NAME})?))?`
const PARTS = new RegExp(`${SKIPPED}|${NO_CLAUSE}${CLAUSE}`, 'gi')
const ALL_SKIPPED = new RegExp(SKIPPED, 'g')
const WITH_NAMES = new RegExp(String.raw`(${NAME})\s+as\s+(?:(?:not\s+)?materialized\s+)?\(`, 'gi')

/**
 * Returns a function that summarises statements: the operations and their tables in the order of the text, such as `SELECT campaigns bids`.
 * A summary has no parameters and no columns, so that equal work has equal names. The function keeps the summaries that it made.
 */
export function createQuerySummaries(): (statement: string) => string {
  const kept = new Map<string, string>()
  return (statement) => {
    let summary = kept.get(statement)
    if (summary === undefined) {
      if (kept.size >= MAX_KEPT) kept.clear()
      summary = summaryOf(statement)
      kept.set(statement, summary)
    }
    return summary
  }
}

function summaryOf(statement: string): string {
  const local = new Set<string>()
  for (const [, name] of statement.matchAll(WITH_NAMES)) if (name) local.add(plain(name))
  const words: string[] = []
  for (const match of statement.matchAll(PARTS)) {
    const [whole, clause, target] = match
    if (clause === undefined) continue
    const [operation = ''] = clause.toUpperCase().split(/\s+/)
    const isClause = operation === 'FROM' || operation === 'JOIN'
    if (!isClause) words.push(operation)
    const isFunction = statement.startsWith('(', match.index + whole.length)
    if (target !== undefined && operation !== 'SELECT' && !(isClause && (isFunction || local.has(plain(target))))) words.push(plain(target))
  }
  const summary = words.length > 0 ? words.join(' ') : firstWord(statement)
  return summary.length <= MAX_LENGTH ? summary : summary.slice(0, summary.lastIndexOf(' ', MAX_LENGTH))
}

function plain(name: string): string {
  return name.replaceAll('"', '')
}

function firstWord(statement: string): string {
  return (/[a-z]+/i.exec(statement.replaceAll(ALL_SKIPPED, ''))?.[0] ?? 'postgresql').toUpperCase()
}
