import { unstorablePart } from '../../gateway/contract/text-input.ts'
import { type ProblemCode, ProblemError } from './problem.ts'

interface Bounds {
  readonly min: number
  readonly max: number
}

/** Maximum length of a value in a column, characters. Longer texts do not fit into the database's indexes. */
const MAX_CHARACTERS = 500

const INTEGER = /^-?\d{1,15}$/
const DECIMAL = /^-?\d{1,15}(\.\d{1,30})?([eE][-+]?\d{1,2})?$/
const TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})$/

/** One row of a file. The methods parse the values of the row; their errors name the line and the column of a wrong value. */
export class Row {
  /** Number of the line on which a CSV row ends, or on which a JSON entry begins. Lines are counted from 1. */
  readonly line: number
  readonly #columns: ReadonlyMap<string, number>
  readonly #values: readonly string[]

  /** Creates a row. @param columns Position of each column in `values`, by the name of the column. */
  constructor(line: number, columns: ReadonlyMap<string, number>, values: readonly string[]) {
    this.line = line
    this.#columns = columns
    this.#values = values
  }

  /** Returns all values of the row in the order of the file. */
  get values(): readonly string[] {
    return this.#values
  }

  /**
   * Returns the text in a column, which may be empty.
   * @throws ProblemError MISSING if the row has no such column; OUT_OF_RANGE if the text is too long; MALFORMED if the database cannot
   * store it.
   */
  optional(column: string): string {
    const value = this.#values[this.#columns.get(column) ?? -1]
    if (value === undefined) throw this.problem('MISSING', column, `a value for ${column}`, 'Add the value, or delete the row.')
    if (value.length > MAX_CHARACTERS)
      throw this.problem('OUT_OF_RANGE', column, `at most ${MAX_CHARACTERS} characters`, 'Shorten the value, or delete the row.')
    if (unstorablePart(value) !== undefined)
      throw this.problem(
        'MALFORMED',
        column,
        'text without NUL characters and without unpaired surrogates',
        'Correct the value, or delete the row.',
      )
    return value
  }

  /** Returns the text in a column. @throws ProblemError MISSING if the text is empty; the other errors of {@link optional}. */
  text(column: string): string {
    const value = this.optional(column)
    if (value.trim() === '') throw this.problem('MISSING', column, 'a value', 'Add the value, or delete the row.')
    return value
  }

  /** Returns the value of a column as an integer. @throws ProblemError NOT_A_NUMBER, OUT_OF_RANGE or MISSING. */
  integer(column: string, bounds: Bounds): number {
    return this.#number(column, INTEGER, 'an integer', bounds)
  }

  /** Returns the value of a column as a decimal number. @throws ProblemError NOT_A_NUMBER, OUT_OF_RANGE or MISSING. */
  decimal(column: string, bounds: Bounds): number {
    return this.#number(column, DECIMAL, 'a number', bounds)
  }

  /**
   * Returns the time in a column as Unix epoch ms. A time such as `2011-07-01 00:00:01` is taken as UTC.
   * @throws ProblemError NOT_A_TIME or MISSING.
   */
  time(column: string): number {
    const value = this.text(column)
    const [, day, clock] = TIME.exec(value) ?? []
    const iso = `${day}T${clock}.000Z`
    const time = day === undefined ? Number.NaN : Date.parse(iso)
    // The text is compared with the parsed time, because `Date.parse` turns February 30 into March 2.
    if (Number.isNaN(time) || new Date(time).toISOString() !== iso)
      throw this.problem('NOT_A_TIME', column, 'a time in UTC such as 2011-07-01 00:00:01', 'Correct the time, or delete the row.')
    return time
  }

  /** Creates an error for the value in a column of this row. The caller throws it. */
  problem(code: ProblemCode, column: string, expected: string, remedy: string): ProblemError {
    const value = this.#values[this.#columns.get(column) ?? -1]
    return new ProblemError({ code, line: this.line, column, ...(value === undefined ? {} : { value }), expected, remedy })
  }

  #number(column: string, form: RegExp, kind: string, { min, max }: Bounds): number {
    const text = this.text(column).trim()
    const expected = `${kind} from ${min} to ${max}`
    if (!form.test(text)) throw this.problem('NOT_A_NUMBER', column, expected, 'Correct the number, or delete the row.')
    const value = Number(text)
    if (value < min || value > max) throw this.problem('OUT_OF_RANGE', column, expected, 'Correct the number, or delete the row.')
    return value
  }
}
