/** The invalidation log in PostgreSQL, publishable with the cache engine: see ../cache/README.md. */
export { installInvalidationLog } from './install-invalidation-log.ts'
export { type DatabaseHandle, type OpenDatabaseOptions, openDatabase } from './open-database.ts'
export { PostgresLog, type QueryLog, type QueryLogRow } from './postgres-log.ts'
export { installWatches } from './watch.ts'
