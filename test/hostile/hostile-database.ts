import pg from 'pg'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { migrateDatabase } from '#src/start/prepare-database.ts'
import { holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { findPostgres } from '../servers/postgres.ts'

/** A seeded database that is used only by hostile requests. */
export interface HostileDatabase {
  readonly url: string
  /** Ids of rows of the tenant that sends the requests. */
  readonly ids: Ids
  drop(): Promise<void>
}

export const TENANT = 'acme'

export async function createHostileDatabase(): Promise<HostileDatabase> {
  const server = await findPostgres()
  const name = `tidegate_hostile_${process.pid}`
  await on(server.url, (client) => client.query(`create database ${name}`))
  const url = withPath(server.url, name)
  const drop = async () => {
    await on(server.url, (client) => client.query(`drop database if exists ${name} with (force)`))
    await server.stop()
  }
  try {
    await fill(url)
    const ids = await on(url, async (client) => {
      const query = async (statement: string, parameters: readonly unknown[] = []) => (await client.query(statement, [...parameters])).rows
      await holdOpenBids({ query })
      return idsOf({ query }, TENANT, Date.now())
    })
    return { url, ids, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

async function fill(url: string): Promise<void> {
  const database = await openMarketDatabase({ url, poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined })
  try {
    await migrateDatabase(database, createLogger('silent'))
    await seedDatabase(database.db, { now: Date.now() })
  } finally {
    await database.close()
  }
}

async function on<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function withPath(server: string, path: string): string {
  const url = new URL(server)
  url.pathname = `/${path}`
  return url.href
}
