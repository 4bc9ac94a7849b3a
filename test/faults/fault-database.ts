import pg from 'pg'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { createThings, Thing, type ThingRow } from './things.ts'

/** A database for a single fault, and a connection to it that bypasses all instances. */
export interface FaultDatabase {
  readonly url: string
  /** URL of the same database through another port. */
  urlThrough(port: number): string
  query(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** Opens a separate connection for a transaction. The caller must end it. */
  connect(): Promise<pg.Client>
  /** Returns the current rows of the table that instances serve. */
  rows(): Promise<readonly ThingRow[]>
  close(): Promise<void>
}

/** Creates a database with the watched table `things`. @param serverUrl URL of any database on the server. */
export async function createFaultDatabase(serverUrl: string, name: string): Promise<FaultDatabase> {
  const server = await connectTo(serverUrl)
  await server.query(`create database ${name}`).finally(() => server.end())
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const handle = await openMarketDatabase({ url: url.href, poolSize: 1, statementTimeoutMs: 60_000, onError: () => undefined })
  try {
    await migrateMarket(handle)
    const client = await connectTo(url.href)
    for (const statement of createThings) await client.query(statement)
    await client.end()
    await installWatches(handle, [Thing])
  } finally {
    await handle.close()
  }
  return openFaultDatabase(url.href)
}

/** Opens an existing database, such as that of a promoted standby. */
export async function openFaultDatabase(url: string): Promise<FaultDatabase> {
  const client = await connectTo(url)
  return {
    url,
    urlThrough: (port) => {
      const through = new URL(url)
      through.port = String(port)
      return through.href
    },
    query: async (statement, parameters = []) => (await client.query(statement, [...parameters])).rows,
    connect: () => connectTo(url),
    rows: async () => {
      const { rows } = await client.query<Record<'tenant_id' | 'id' | 'version' | 'payload', string>>(
        'select tenant_id, id, version, payload from things order by 1, 2',
      )
      return rows.map(({ tenant_id, id, version, payload }) => ({ tenant: tenant_id, id: Number(id), version: Number(version), payload }))
    },
    close: () => client.end().catch(() => undefined),
  }
}

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // A fault may kill the server. Callers notice that when their next statement fails.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
