import { CompiledQuery, type Kysely } from 'kysely'

/** Returns a function that runs a statement with parameters on the pool. The rows have the names of their columns as keys. */
export function statementRunner<Tables>(db: Kysely<Tables>) {
  const plain = db.withoutPlugins()
  return async (statement: string, parameters: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    (await plain.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, [...parameters]))).rows
}
