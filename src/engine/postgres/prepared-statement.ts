import { createHash } from 'node:crypto'

/**
 * Beginning of a statement that the server plans once for each connection, and not each time. It is for statements that take long to plan, and
 * whose text never changes: each text takes memory of each connection, until the connection is closed. Behind a pooler such a statement is
 * planned each time, because the pooler gives the next statement to another connection of the server.
 */
export const PREPARED_STATEMENT = '/* prepared */ '

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
