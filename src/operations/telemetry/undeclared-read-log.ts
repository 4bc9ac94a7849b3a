import type { Logger } from './logger.ts'

/** Logs that a field read a table that the field does not declare as a dependency. Each pair of field and table is logged once. */
export function createUndeclaredReadLog(logger: Logger): (field: string, tables: readonly string[]) => void {
  const logged = new Set<string>()
  return (field, tables) => {
    for (const table of tables) {
      if (logged.has(`${field} ${table}`)) continue
      logged.add(`${field} ${table}`)
      logger.error({ field, table }, 'a cached field reads a table that its @cache(depends:) does not name: changes do not invalidate it')
    }
  }
}
