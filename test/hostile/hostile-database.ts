import pg from 'pg'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { seedDatabase } from '../../src/seed/seed-database.ts'
import { migrateDatabase } from '../../src/start/prepare-database.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { findPostgres } from '../servers/postgres.ts'

/** A seeded database that hostile requests have to themselves. */
export interface HostileDatabase {
  readonly url: string
  /** What the tenant's rows are called. */
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
  const database = await openDatabase({ url, poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined })
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
