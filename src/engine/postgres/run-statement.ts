import { CompiledQuery, type QueryExecutorProvider } from 'kysely'

/** Returns a function that runs a statement with parameters on the pool. The rows have the names of their columns as keys. */
export function statementRunner(db: QueryExecutorProvider) {
  const plain = db.getExecutor().withoutPlugins()
  return async (statement: string, parameters: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    (await plain.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, [...parameters]))).rows
}
