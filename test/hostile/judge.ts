import type { Outcome } from './hostile-gateway.ts'

export interface Verdict {
  readonly isAccepted: boolean
  /** Code of the first error in the response. */
  readonly code: string | undefined
  /** Name of the limit that rejected the request. */
  readonly setting: string | undefined
  /** Descriptions of what is wrong with the response. */
  readonly faults: readonly string[]
}

interface ErrorAnswer {
  readonly message?: unknown
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** Maximum length of an error message of the gateway. A longer message is cut and ends with an ellipsis. */
const MAX_MESSAGE_LENGTH = 501
const SMALL_BYTES = 10 * 1024
const MAX_TURN_OF_SMALL_MS = 50
const MAX_TURN_MS = 100
/** Error codes that clients with `Accept: application/json` receive with status 200 (GraphQL over HTTP). */
const CODES_WITH_200: ReadonlySet<unknown> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'])
/** Error codes of Apollo's persisted queries, which always have status 200. */
const PERSISTED_QUERY_CODES: ReadonlySet<unknown> = new Set(['PERSISTED_QUERY_NOT_FOUND'])

/** Returns the maximum CPU time of a turn of the event loop for a request, ms. */
export function maxTurnMs({ bytes }: Outcome): number {
  return bytes <= SMALL_BYTES ? MAX_TURN_OF_SMALL_MS : MAX_TURN_MS
}

/** Returns whether a log line has the level error or fatal. */
export function isErrorLine(line: string): boolean {
  return /^\{"level":"(error|fatal)"/.test(line)
}

/**
 * Judges everything about a response except its time. @param introspection Whether error messages may contain
 * suggestions.
 */
export function judge(outcome: Outcome, introspection: boolean): Verdict {
  const { status, text, failure } = outcome
  if (status === undefined) return { isAccepted: false, code: undefined, setting: undefined, faults: [failure ?? 'no answer'] }
  const faults: string[] = []
  if (status >= 500) faults.push(`status ${status}`)
  const results = parsed(text)
  if (results.length === 0) faults.push(`status ${status} without a GraphQL answer: ${text.slice(0, 80)}`)
  // In a batch each operation has its own errors, and the whole response has status 200.
  const isBatch = text.startsWith('[')
  for (const { errors = [], data } of results)
    faults.push(...errors.flatMap((error) => faultsOf(error, introspection)), ...(isBatch ? [] : statusFaults(status, errors, data)))
  const [first] = results.flatMap(({ errors = [] }) => errors)
  return {
    isAccepted: results.some(({ data }) => data !== undefined),
    code: codeOf(first),
    setting: first?.extensions?.['setting'] === undefined ? undefined : String(first.extensions['setting']),
    faults: [...new Set(faults)],
  }
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly ErrorAnswer[]
}

function parsed(text: string): readonly Result[] {
  try {
    const answer: Result | readonly Result[] | null = JSON.parse(text)
    return (Array.isArray(answer) ? answer : [answer]).filter((result) => result !== null && ('data' in result || 'errors' in result))
  } catch {
    return []
  }
}

function statusFaults(status: number, errors: readonly ErrorAnswer[], data: unknown): readonly string[] {
  const [first] = errors
  if (data !== undefined || !first || status >= 400) return []
  const code = codeOf(first)
  return CODES_WITH_200.has(code) || PERSISTED_QUERY_CODES.has(code) ? [] : [`a refusal with code ${code} and status ${status}`]
}

function faultsOf(error: ErrorAnswer, introspection: boolean): readonly string[] {
  const { message, extensions = {} } = error
  const faults: string[] = []
  const code = codeOf(error)
  if (code === undefined) faults.push('an error without a code')
  if (code === 'INTERNAL_SERVER_ERROR') faults.push('an error of the server itself (INTERNAL_SERVER_ERROR)')
  if (typeof message !== 'string') faults.push('an error without a message')
  else {
    if (message.length > MAX_MESSAGE_LENGTH) faults.push(`a message of ${message.length} characters`)
    if (!introspection && message.includes('Did you mean')) faults.push('a suggestion while introspection is off')
  }
  if (
    code === 'LIMIT_EXCEEDED' &&
    !(typeof extensions['setting'] === 'string' && isNumber(extensions['limit']) && isNumber(extensions['value']))
  )
    faults.push('LIMIT_EXCEEDED without setting, limit and value')
  return faults
}

function codeOf(error: ErrorAnswer | undefined): string | undefined {
  const code = error?.extensions?.['code']
  return typeof code === 'string' ? code : undefined
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}
