import pg from 'pg'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { largeTenants } from '../data/large-market.ts'
import { createLargeDatabase } from '../data/large-template.ts'
import { databaseUrl, onServer } from '../data/server.ts'
import { LoadError } from '../load-error.ts'

export interface SampleData {
  readonly campaigns: number
  readonly scale: number
}

export interface OwnDatabase {
  readonly url: string
  /** Ids of the tenants in the order of their rank. The first tenants get the most requests. */
  readonly tenants: readonly string[]
  drop(): Promise<void>
}

const SERVER = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const CONNECT_MS = 2000
/** Ids of the tenants in the sample data. The embedded database of a gateway contains the same tenants. */
export const SAMPLE_TENANTS = ['acme', 'northstar', 'brightline']

/**
 * Creates a database for one run.
 * @returns undefined if DATABASE_URL is not set and no PostgreSQL server answers at 127.0.0.1:5432. The gateway then uses an embedded
 * database with the default sample data.
 * @throws LoadError GATEWAY if DATABASE_URL is set, but no connection succeeds. Also throws LoadError GATEWAY if `data` is `large` and no
 * server answers.
 */
export async function createOwnDatabase(data: SampleData | 'large'): Promise<OwnDatabase | undefined> {
  if (!(await answers())) {
    if (data === 'large') throw new LoadError('GATEWAY', '--data large: expected a PostgreSQL server, found none: set DATABASE_URL.')
    return undefined
  }
  const name = `tidegate_load_${process.pid}`
  const url = databaseUrl(SERVER, name)
  const drop = async () => {
    await onServer(SERVER, (client) => client.query(`drop database if exists ${name} with (force)`))
  }
  try {
    if (data === 'large') await createLargeDatabase(SERVER, name, (message) => process.stderr.write(`load: ${message}\n`))
    else await createSampleDatabase(name, data)
  } catch (error) {
    await drop()
    throw error
  }
  return { url, tenants: data === 'large' ? largeTenants.map(({ id }) => id) : SAMPLE_TENANTS, drop }
}

async function createSampleDatabase(name: string, data: SampleData): Promise<void> {
  await onServer(SERVER, (client) => client.query(`create database ${name}`))
  const onError = (error: Error) => process.emitWarning(error)
  const handle = await openMarketDatabase({ url: databaseUrl(SERVER, name), poolSize: 2, statementTimeoutMs: 60_000, onError })
  try {
    await migrateMarket(handle)
    await installWatches(handle, marketEntities())
    await seedDatabase(handle.db, { now: Date.now(), tenants: SAMPLE_TENANTS.length, ...data })
  } finally {
    await handle.close()
  }
}

async function answers(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: CONNECT_MS })
  try {
    await client.connect()
    return true
  } catch (error) {
    if (process.env['DATABASE_URL'] === undefined) return false
    throw new LoadError(
      'GATEWAY',
      `DATABASE_URL: expected a PostgreSQL server that can be reached, got ${error instanceof Error ? error.message : error}.`,
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
