import type { Logger } from 'pino'

/** Logs each field with each table that it read undeclared, once. */
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
