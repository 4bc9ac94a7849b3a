/** Entry point of the invalidation log in PostgreSQL, which can be published together with the cache engine: see ../cache/README.md. */
export { installInvalidationLog } from './install-invalidation-log.ts'
export { type DatabaseHandle, type OpenDatabaseOptions, openDatabase } from './open-database.ts'
export { PostgresLog, type QueryLog, type QueryLogRow } from './postgres-log.ts'
export { installWatches } from './watch.ts'
