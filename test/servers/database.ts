import pg from 'pg'
import { inject } from 'vitest'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { isAlive } from './processes.ts'

export interface TestDatabase {
  readonly url: string
  readonly name: string
  query(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

export const entities = marketEntities()

let created = 0

/** Creates a database for one test file: migrated, with watched tables, and with sample data if requested. */
export async function createDatabase(options: { readonly seed?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const template = options.seed ? inject('seededTemplate') : inject('template')
  const name = `${template.replace(/_[a-z]+$/, '')}_${process.pid}_${created++}`
  await onServer(server, async (client) => {
    // A template database can be copied by only one session at a time.
    await client.query('select pg_advisory_lock(7310868)')
    if (options.seed && !(await exists(client, template))) await makeSeeded(server, client, template)
    await client.query(`create database ${name} template ${template}`)
  })
  const url = withDatabase(server, name)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  client.on('error', () => undefined)
  return {
    url,
    name,
    query: async (statement, parameters = []) => (await client.query(statement, [...parameters])).rows,
    drop: async () => {
      await client.end()
      await onServer(server, (connection) => connection.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** Creates the template with sample data under another name first, so that no test file gets a part of it. */
async function makeSeeded(server: string, client: pg.Client, template: string): Promise<void> {
  await client.query(`drop database if exists ${template}_unfinished`)
  await client.query(`create database ${template}_unfinished template ${inject('template')}`)
  await seedMarket(server, `${template}_unfinished`)
  await client.query(`alter database ${template}_unfinished rename to ${template}`)
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  return (await client.query('select from pg_database where datname = $1', [name])).rowCount === 1
}

/** Creates a database without rows: migrated, and with watched tables. */
export async function makeTemplate(server: string, name: string): Promise<void> {
  await onServer(server, (client) => client.query(`create database ${name}`))
  await withMarket(server, name, async (database) => {
    await migrateMarket(database)
    await installWatches(database, entities)
  })
}

/** Fills a database that {@link makeTemplate} has created with sample data. */
export async function seedMarket(server: string, name: string): Promise<void> {
  await withMarket(server, name, ({ db }) => seedDatabase(db, { now: Date.now(), campaigns: 60, scale: 0.3 }))
}

async function withMarket(server: string, name: string, work: (database: MarketDatabase) => Promise<unknown>): Promise<void> {
  const database = await openMarketDatabase({
    url: withDatabase(server, name),
    poolSize: 2,
    statementTimeoutMs: 60_000,
    onError: () => undefined,
  })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

/** Drops the databases of one run, or of all runs whose process has ended. */
export async function dropLeftovers(server: string, run?: string): Promise<void> {
  await onServer(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname ~ '^tidegate_test_[0-9]+_'")
    for (const { datname } of rows) {
      const isOurs = run !== undefined ? datname.startsWith(`${run}_`) : !isAlive(Number(/^tidegate_test_(\d+)_/.exec(datname)?.[1]))
      if (isOurs) await client.query(`drop database if exists ${datname} with (force)`)
    }
  })
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function onServer<Result>(server: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
