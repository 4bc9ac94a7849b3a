import pg from 'pg'
import { migrate } from '../../src/postgres/migrations.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { createThings, Thing, type ThingRow } from './things.ts'

/** A database that a fault has to itself, and a connection to it that does not go through any instance. */
export interface FaultDatabase {
  readonly url: string
  /** The same database, reached over another port. */
  urlThrough(port: number): string
  query(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** A further connection, for a transaction of its own; the caller ends it. */
  connect(): Promise<pg.Client>
  /** All rows that instances serve, as they are now. */
  rows(): Promise<readonly ThingRow[]>
  close(): Promise<void>
}

/** Makes a database with the watched table `things` on a server. @param serverUrl Of any database of the server. */
export async function createFaultDatabase(serverUrl: string, name: string): Promise<FaultDatabase> {
  const server = await connectTo(serverUrl)
  await server.query(`create database ${name}`).finally(() => server.end())
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const handle = await openDatabase({ url: url.href, poolSize: 1, statementTimeoutMs: 60_000, onError: () => undefined })
  try {
    await migrate(handle)
    const client = await connectTo(url.href)
    for (const statement of createThings) await client.query(statement)
    await client.end()
    await installWatches(handle, [Thing])
  } finally {
    await handle.close()
  }
  return openFaultDatabase(url.href)
}

/** One that exists already, such as a promoted standby's. */
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
  // The server may be killed under it: whoever uses it learns by the failure of a statement.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
