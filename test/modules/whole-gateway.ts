import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Cache } from '../../src/cache/cache.ts'
import { readConfig } from '../../src/config/config.ts'
import { createGraphQL } from '../../src/graphql/create-graphql.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Viewer } from '../../src/modules/module.ts'
import { pgTypes } from '../../src/postgres/column-types.ts'
import { isUnavailable } from '../../src/postgres/failure.ts'
import { observeReads } from '../../src/postgres/observe-reads.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { openSnapshot } from '../../src/postgres/snapshot.ts'
import type { Database } from '../../src/postgres/tables.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { createDatabase, entities } from '../servers/database.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
export type Data = Record<string, any>

export interface Answered {
  readonly data: Data
  readonly errors: readonly {
    readonly message: string
    readonly path?: readonly unknown[]
    readonly extensions: { readonly code: string }
  }[]
  readonly headers: ReadonlyMap<string, string>
}

export interface WholeGateway {
  readonly db: Kysely<Database>
  /** The SQL of every statement on the product's tables since the last call. */
  statements(): string[]
  /** Resolves when the cache knows of every write that was committed before. */
  catchUp(): Promise<void>
  ask(query: string, viewer: Viewer | null, variables?: Record<string, unknown>): Promise<Answered>
  close(): Promise<void>
}

/** The schema, all modules, the cache and a database of its own: everything but HTTP and Redis. */
export async function startWholeGateway(): Promise<WholeGateway> {
  const database = await createDatabase()
  const handle = await openDatabase({ url: database.url, poolSize: 2, statementTimeoutMs: 10_000, onError: () => undefined })
  let statements: string[] = []
  const pool = new pg.Pool({ connectionString: database.url, max: 8, types: pgTypes })
  // The database may be dropped before the last connection has noticed that it is closed.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
    log: ({ level, query }) => void (level === 'query' && !/^(begin|rollback)|pg_locks/.test(query.sql) && statements.push(query.sql)),
  })
  const log = handle.openLog()
  const cache = new Cache({ log, entities, secrets: ['a secret for tests only'] })
  await cache.start()
  const endpoint = await createGraphQL({
    schemaFolder: new URL('../../schema', import.meta.url).pathname,
    modules: createModules(),
    cache,
    sources: {
      db,
      inTransaction: (work) => inTransaction(db, work, { attempts: 5 }),
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
      observeReads: (work) => observeReads(db, work),
      recordEvents: async (_tenant, events) => ({ accepted: events.length, duplicates: 0, rejected: [] }),
    },
    localId,
    policyOverrides: {},
    introspection: true,
    limits: readConfig({}).limits,
    onHiddenError: (hidden) => {
      throw new Error('An error was hidden.', { cause: hidden })
    },
  })
  return {
    db,
    statements() {
      const seen = statements
      statements = []
      return seen
    },
    catchUp: async () => {
      await cache.acknowledge(cache.openSession())
    },
    async ask(query, viewer, variables = {}) {
      const headers = { 'content-type': 'application/json' }
      const request = {
        method: 'POST',
        headers,
        search: '',
        body: Buffer.from(JSON.stringify({ query, variables })),
        viewer,
        requestId: 'test',
        debug: false,
      }
      const response = await endpoint.execute(request)
      const { data, errors = [] } = JSON.parse(Buffer.from(response.body as Uint8Array).toString())
      return { data, errors, headers: response.headers }
    },
    async close() {
      await endpoint.stop()
      await cache.close()
      await log.close()
      await db.destroy()
      await handle.close()
      await database.drop()
    },
  }
}
