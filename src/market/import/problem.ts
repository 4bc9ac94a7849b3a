import { quote } from '../../gateway/contract/quote.ts'

/** Stable codes of the problems that a file can have. docs/importing.md explains each code. */
export type ProblemCode =
  | 'UNREADABLE'
  | 'MALFORMED'
  | 'WRONG_COLUMNS'
  | 'MISSING'
  | 'NOT_A_NUMBER'
  | 'OUT_OF_RANGE'
  | 'NOT_A_TIME'
  | 'NOT_A_DOMAIN'
  | 'NOT_A_CALLER'
  | 'OUT_OF_ORDER'
  | 'UNKNOWN_BUYER'
  | 'INCOMPLETE'

/** One problem in a file, with the line and the column where it is. */
export interface Problem {
  readonly code: ProblemCode
  /** Line of the problem, counted from 1; 0 stands for the file as a whole. */
  readonly line: number
  readonly column?: string
  readonly value?: string
  /** Text that completes the sentence "Expected …", such as `a number`. */
  readonly expected: string
  /** Advice to the operator, as a whole sentence. */
  readonly remedy: string
}

/** Error that makes the import of a file fail: a row, or the text of the file, cannot be imported. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.expected, options)
    this.problem = problem
  }
}

/**
 * Error for a row that is valid but that the market cannot store. All other rows of the file are imported, and the summary counts the rows
 * that are left out.
 */
export class LeftOut extends Error {
  /** Reason for leaving out the row. Rows that are left out for the same reason have the same text. */
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Returns one line for an operator: `bids.csv:17: price "abc": expected a number, got "abc". Correct the number. [NOT_A_NUMBER]`. */
export function problemLine(path: string, { code, line, column, value, expected, remedy }: Problem): string {
  const place = line === 0 ? path : `${path}:${line}`
  const cell = column === undefined ? '' : ` column ${column}:`
  const got = value === undefined ? '' : `, got ${value === '' ? 'nothing' : quote(value)}`
  return `${place}:${cell} expected ${expected}${got}. ${remedy} [${code}]`
}
