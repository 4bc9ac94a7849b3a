import { GatewayError } from '../errors.ts'
import type { ReadContext } from '../modules/module.ts'

/** Runs a load and tells which tables it read. */
export type ReadObserver = <Result>(
  work: (db: ReadContext['db']) => Promise<Result>,
) => Promise<{ readonly result: Result; readonly tables: readonly string[] }>

/** Runs the load of a cached type or field. @throws GatewayError UNDECLARED_DEPENDENCY, in development. */
export type CheckedLoad = <Result>(coordinate: string, read: ReadContext, load: (read: ReadContext) => Promise<Result>) => Promise<Result>

/**
 * Loads only what was declared: a load that reads a table whose changes would not invalidate its value fails.
 * @param coveredTables By coordinate: the tables that a load may read.
 */
export function checkReads(observe: ReadObserver, coveredTables: ReadonlyMap<string, ReadonlySet<string>>): CheckedLoad {
  return async (coordinate, read, load) => {
    const covered = coveredTables.get(coordinate)
    if (!covered || covered.size === 0) return load(Object.freeze({ ...read, db: refusingDatabase(coordinate) }))
    const { result, tables } = await observe((db) => load(Object.freeze({ ...read, db })))
    const uncovered = tables.filter((table) => !covered.has(table))
    if (uncovered.length > 0) throw undeclared(coordinate, uncovered)
    return result
  }
}

function undeclared(coordinate: string, tables: readonly string[]): GatewayError {
  const names = tables.toSorted().join(', ')
  const remedy = coordinate.includes('.')
    ? 'Add the type of each table to its @cache(depends:), or declare the table in constantTables of a module if its rows never change.'
    : 'Load the type from its own table alone, and the rest by a field with @cache(depends:).'
  return new GatewayError('UNDECLARED_DEPENDENCY', `${coordinate} reads ${names}, whose changes would not invalidate it. ${remedy}`)
}

/** Stands for the database where a field is declared to read nothing. */
function refusingDatabase(coordinate: string): ReadContext['db'] {
  const refuse = () => {
    throw new GatewayError(
      'UNDECLARED_DEPENDENCY',
      `${coordinate} reads the database, but its @cache says depends: []. Name the types of the tables that it reads.`,
    )
  }
  return new Proxy<ReadContext['db']>(Object.create(null), { get: refuse, has: refuse })
}
