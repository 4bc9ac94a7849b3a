import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { readConfig } from '#src/config/config.ts'
import { Cache } from '#src/engine/cache/cache.ts'
import { pgTypes } from '#src/engine/postgres/column-types.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { observeReads } from '#src/engine/postgres/observe-reads.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { createGraphQL } from '#src/gateway/graphql/endpoint/create-graphql.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createModules } from '#src/market/modules/index.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import type { Database } from '#src/market/tables/tables.ts'
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
  /** Returns the SQL statements on the tables of the marketplace since the last call of this function. */
  statements(): string[]
  /** Resolves when the cache has applied the invalidations of all earlier committed writes. */
  catchUp(): Promise<void>
  ask(query: string, viewer: Principal | null, variables?: Record<string, unknown>): Promise<Answered>
  close(): Promise<void>
}

/** Starts the schema, all modules and the cache on a new database, with sample data if requested, without HTTP and Redis. */
export async function startWholeGateway(options: { readonly seed?: boolean } = {}): Promise<WholeGateway> {
  const database = await createDatabase(options)
  const handle = await openMarketDatabase({ url: database.url, poolSize: 2, statementTimeoutMs: 10_000, onError: () => undefined })
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
    modules: createModules({
      generationQueue: new WorkQueue(),
      recordEvents: async (_tenant, events) => ({ accepted: events.length, duplicates: 0, rejected: [] }),
      callerHashKey: 'a key of hashes of callers for tests only',
    }),
    cache,
    sources: {
      db,
      writes: new WritePath({ cache, inTransaction: (work, cause) => inTransaction(db, work, { attempts: 5, cause }), isUnavailable }),
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
      observeReads: (work) => observeReads(db, work),
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
