import { GatewayError } from '../../../errors.ts'
import type { ReadContext } from '../../contract/module.ts'

/** Runs `work`, and returns its result and the database tables that it read. */
export type ReadObserver = <Result>(
  work: (db: ReadContext['db']) => Promise<Result>,
) => Promise<{ readonly result: Result; readonly tables: readonly string[] }>

/**
 * Runs the load of a cached type or field, and checks which tables it reads.
 * @throws GatewayError UNDECLARED_DEPENDENCY in development, if the load reads a table that is not declared as a dependency.
 */
export type CheckedLoad = <Result>(coordinate: string, read: ReadContext, load: (read: ReadContext) => Promise<Result>) => Promise<Result>

/**
 * Returns a check for loads. A load fails if it reads a table that is not declared as a dependency of the type or field. Changes of such a
 * table would not invalidate the loaded value.
 * @param coveredTables Tables that a load may read, by the coordinate of the type or field.
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

/** Returns a replacement for the database that throws an error on any use, for a field whose `depends` is empty. */
function refusingDatabase(coordinate: string): ReadContext['db'] {
  const refuse = () => {
    throw new GatewayError(
      'UNDECLARED_DEPENDENCY',
      `${coordinate} reads the database, but its @cache says depends: []. Name the types of the tables that it reads.`,
    )
  }
  return new Proxy<ReadContext['db']>(Object.create(null), { get: refuse, has: refuse })
}
