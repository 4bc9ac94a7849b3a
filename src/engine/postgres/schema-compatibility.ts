import { type QueryExecutorProvider, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { GatewayError } from '../../errors.ts'

/** A migration that declares which releases still run on the schema that the migration creates. */
export type CompatibleMigration = Migration & {
  /**
   * Name of a migration. Each release that contains the named migration still runs on the schema after this migration. Default: the name of
   * this migration itself, so that older releases refuse to start. Leave the default when this migration removes or changes a column, table
   * or function that an older release uses.
   */
  readonly runsWith?: string
}

/** Migrations by their names, in the order in which they run. */
export type Migrations = Readonly<Record<string, CompatibleMigration>>

/**
 * Stores the value of `runsWith` of each migration in the database. An older release that starts later reads these values to check whether
 * it runs on the schema. Runs in the transaction of the migration.
 */
export async function declareCompatibility(db: QueryExecutorProvider, migrations: Migrations): Promise<void> {
  const names = Object.keys(migrations)
  const oldest = names.map((name) => migrations[name]?.runsWith ?? name)
  await sql`create table if not exists kysely_compatibility (migration text primary key, runs_with text not null)`.execute(db)
  await sql`insert into kysely_compatibility (migration, runs_with) select * from unnest(${names}::text[], ${oldest}::text[])
    on conflict (migration) do nothing`.execute(db)
}

/**
 * Whether a newer release has changed the schema in a way that is compatible with this release.
 * @throws GatewayError CONFIGURATION when this release does not run on the schema.
 */
export async function isNewerSchema(db: QueryExecutorProvider, migrations: Migrations): Promise<boolean> {
  const executed = await rowsOf(db, 'kysely_migration', sql<Executed>`select name, null as "runsWith" from kysely_migration order by name`)
  const declared = await rowsOf(
    db,
    'kysely_compatibility',
    sql<Executed>`select migration as name, runs_with as "runsWith" from kysely_compatibility`,
  )
  return compareSchema({ executed: executed.map(({ name }) => name), declared }, Object.keys(migrations)) === 'newer'
}

/** The migrations that a database records. */
export interface RecordedMigrations {
  /** Names of the migrations that were executed, in order. */
  readonly executed: readonly string[]
  /** Declared values of `runsWith`, by the name of the migration. */
  readonly declared: readonly { readonly name: string; readonly runsWith: string | null }[]
}

/**
 * Compares the schema of a database with the migrations of this release, which are given by name. `newer` means that a newer release has
 * changed the schema in a way that is compatible with this release.
 * @throws GatewayError CONFIGURATION when this release does not run on the schema.
 */
export function compareSchema({ executed, declared }: RecordedMigrations, migrations: readonly string[]): 'newer' | 'older' | 'same' {
  const own = new Set(migrations)
  const known = new Set(executed)
  const newer = executed.filter((name) => !own.has(name))
  const missing = migrations.find((name) => !known.has(name))
  if (newer.length === 0) return missing === undefined ? 'same' : 'older'
  const newest = migrations.at(-1) ?? ''
  const tooNew = newer.find((name) => !((declared.find((row) => row.name === name)?.runsWith ?? name) <= newest))
  if (missing === undefined && tooNew === undefined) return 'newer'
  throw new GatewayError(
    'CONFIGURATION',
    missing === undefined
      ? `DATABASE_URL: this version does not run on the database's schema, which a newer one changed (${tooNew}): start the newer version, or use it to revert the migration (npm run db:migrate -- --down).`
      : `DATABASE_URL: the database's schema has ${newer[0]}, which this version does not know, and lacks ${missing}: start a version that knows both.`,
  )
}

interface Executed {
  readonly name: string
  readonly runsWith: string | null
}

async function rowsOf(
  db: QueryExecutorProvider,
  table: string,
  query: { execute(db: QueryExecutorProvider): Promise<{ readonly rows: Executed[] }> },
): Promise<readonly Executed[]> {
  const { rows } = await sql<{ exists: boolean }>`select to_regclass(${table}) is not null as exists`.execute(db)
  return rows[0]?.exists ? (await query.execute(db)).rows : []
}
