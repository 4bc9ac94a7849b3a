import { createHash } from 'node:crypto'
import { CompiledQuery, type Kysely } from 'kysely'

/**
 * Beginning of a statement that the server plans once for each connection, and not each time. It is for statements that take long to plan, and
 * whose text never changes: each text takes memory of each connection, until the connection is closed. Behind a pooler such a statement is
 * planned each time, because the pooler gives the next statement to another connection of the server.
 */
export const PREPARED_STATEMENT = '/* prepared */ '

/**
 * Beginning of a statement whose rows nobody needs, such as one that takes a lock. It may be sent together with the next statement of its
 * connection, which saves a round trip. Its error may then be thrown by the next statement.
 */
export const WITH_NEXT = '/* with the next */ '

/** Returns whether a statement that may be sent together with the next one begins a transaction. */
export function isBegin(statement: string): boolean {
  return statement.startsWith('begin', WITH_NEXT.length)
}

/**
 * Mark of a prepared statement that ends its transaction: on a direct connection COMMIT is sent together with it, which saves a round trip.
 * The transaction must then be committed. If the server refuses the statement, nothing is committed.
 */
const AND_COMMIT = '/* and commit */ '

/** Returns whether COMMIT is sent together with a statement. */
export function commits(statement: string): boolean {
  return statement.startsWith(AND_COMMIT, PREPARED_STATEMENT.length)
}

/** Mark of a prepared statement that changes nothing, so that it does no harm if it runs outside of its transaction. */
const READS_ONLY = '/* reads only */ '

/** Returns whether a statement is marked as one that changes nothing. */
export function readsOnly(statement: string): boolean {
  return statement.startsWith(READS_ONLY, PREPARED_STATEMENT.length)
}

/** Returns whether a statement may be sent together with the next one. */
export function isSentWithNext(statement: string): boolean {
  return statement.startsWith(WITH_NEXT) || statement.startsWith(WITH_NEXT, PREPARED_STATEMENT.length)
}

/** Names under which the server keeps prepared statements. */
export class PreparedNames {
  readonly #names = new Map<string, string>()

  /** Returns the name of a statement; undefined if it is not to be prepared. */
  of(statement: string): string | undefined {
    if (!statement.startsWith(PREPARED_STATEMENT)) return undefined
    let name = this.#names.get(statement)
    if (name === undefined) {
      name = `tidegate-${createHash('sha256').update(statement).digest('hex').slice(0, 32)}`
      this.#names.set(statement, name)
    }
    return name
  }
}

const MARKS = { 'reads only': READS_ONLY, 'no rows': WITH_NEXT, commits: AND_COMMIT } as const

/** Texts or values by the name of a parameter. */
type ByName<Values, Of> = { readonly [Name in keyof Values]: Of }

/**
 * A prepared statement with named parameters. Its text is put together once, so that running it costs the program little.
 *
 * The parameters are in sub-selects, where the planner does not look at their values. So the plan for all values seems as good to it as one
 * for these values, and it keeps that plan. With plain parameters it could plan the statement anew each time.
 */
export class PreparedStatement<Values extends object, Row> {
  readonly #names: readonly (keyof Values & string)[]
  readonly #text: string

  /**
   * @param types Types of the parameters in the database.
   * @param text Returns the text of the statement, given the SQL of each parameter.
   * @param use `reads only`: the statement changes nothing. `no rows`: its rows are not needed, so it may be sent together with the next one.
   * `commits`: it is the last of its transaction, which is committed whatever its rows are, so COMMIT may be sent together with it.
   */
  constructor(types: ByName<Values, string>, text: (given: ByName<Values, string>) => string, use?: keyof typeof MARKS) {
    this.#names = Object.keys(types) as (keyof Values & string)[]
    const given = this.#names.map((name, index) => [name, `(select $${index + 1}::${types[name]})`])
    this.#text = PREPARED_STATEMENT + (use ? MARKS[use] : '') + text(Object.fromEntries(given) as ByName<Values, string>)
  }

  /** Runs the statement. @returns its rows. */
  async run<Tables>(db: Kysely<Tables>, values: Values): Promise<Row[]> {
    const { rows } = await db.executeQuery<Row>(
      CompiledQuery.raw(
        this.#text,
        this.#names.map((name) => values[name]),
      ),
    )
    return rows
  }
}
