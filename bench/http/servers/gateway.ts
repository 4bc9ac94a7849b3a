import type { DocumentNode, GraphQLSchema } from 'graphql'
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { readConfig } from '#src/config/config.ts'
import { Cache, MemoryLog, systemEnv } from '#src/engine/cache/index.ts'
import { pgTypes } from '#src/engine/postgres/column-types.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { Trace } from '#src/gateway/graphql/answers/trace.ts'
import { createContext, type GatewayContext, type Sources } from '#src/gateway/graphql/execution/context.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'
import { NO_DIRECTIVES } from '#src/gateway/graphql/execution/request-directives.ts'
import { CacheHints } from '#src/gateway/graphql/schema/cache-hints.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createAuthentication } from '#src/gateway/identity/authentication.ts'
import type { Principal, Standing } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import type { Database } from '#src/market/tables/tables.ts'

/**
 * Context for the resolvers of a query. It includes `cacheHints`, because the schema wraps each resolver in a function that needs this
 * object.
 */
export type PeerContext = Pick<
  GatewayContext,
  'viewer' | 'caller' | 'requireViewer' | 'requireTenant' | 'load' | 'loadField' | 'cacheHints'
>

/**
 * The schema, resolvers, loaders and SQL of tidegate without its HTTP server and its cache. So another server can use them with its own
 * HTTP layer and cache.
 */
export interface PeerGateway {
  readonly typeDefs: DocumentNode
  readonly schema: GraphQLSchema
  /** Returns the principal that the header names; null for an anonymous caller. */
  authenticate(authorization: string | undefined): Promise<Principal | null>
  contextOf(viewer: Principal | null): PeerContext
}

/** TTL of the cache entries of all peers (the servers that are compared with tidegate), s. */
export const TTL_SECONDS = 60

const SCHEMA_FOLDER = new URL('../../../schema', import.meta.url).pathname

/**
 * Opens a gateway with DATABASE_URL and JWT_SECRET from the environment. Its connection pool has the same size as tidegate's. Requests wait
 * for a connection without a time limit.
 */
export async function openGateway(): Promise<PeerGateway> {
  const { DATABASE_URL: url = '', JWT_SECRET: secret = '' } = process.env
  const pool = new pg.Pool({ connectionString: url, max: 10, types: pgTypes })
  // The database is dropped before the pool's last connection notices that it is closed. The resulting error is ignored.
  pool.on('error', () => undefined)
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] })
  const cache = new Cache({ log: new MemoryLog(), entities: [], secrets: [secret], enabled: false })
  const typeDefs = await readTypeDefs(SCHEMA_FOLDER)
  const gateway = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
  const sources: Sources = {
    db,
    writes: new WritePath({ cache, inTransaction: (work, cause) => inTransaction(db, work, { attempts: 5, cause }), isUnavailable }),
    isUnavailable,
    openSnapshot: () => openSnapshot(db),
  }
  const identity = { secrets: [secret], jwksFile: undefined, jwksUrl: undefined, issuer: 'tidegate', audience: 'tidegate' }
  // The peers only verify the token. They do not run the query by which tidegate checks the status of the token's holder.
  const standing: Standing = { hasTenant: true, user: 'SERVICE', validAfter: 0, isRevoked: false }
  const standingOf = () => ({ peek: () => standing, read: async () => standing })
  const { authenticate } = await createAuthentication({ ...identity, leewayMs: 0, now: systemEnv.now, standingOf })
  // The context must have a budget. The lists of the peers are not charged to this budget. Only tidegate's GraphQL endpoint adds the code
  // for these charges to the resolvers.
  const budget = new ExecutionBudget(readConfig({}).limits, { monotonic: systemEnv.monotonic, nextTurn: () => Promise.resolve() }, false)
  const popularity = { count: () => undefined, isPopular: () => false }
  const common = { gateway, cache, sources, now: systemEnv.now, directives: NO_DIRECTIVES, budget, popularity }
  return {
    typeDefs,
    schema: gateway.schema,
    authenticate,
    contextOf(principal) {
      let made: GatewayContext | undefined
      // The context with its loaders is created only when a resolver first uses it, so that hits in a peer's cache do not pay for it.
      const context = () => {
        made ??= createContext({ ...common, viewer: principal, session: cache.openSession(), trace: new Trace({ debug: false }) })
        return made
      }
      return {
        viewer: principal,
        caller: principal,
        cacheHints: new CacheHints(),
        requireViewer: () => context().requireViewer(),
        requireTenant: () => context().requireTenant(),
        load: (type, id) => context().load(type, id),
        loadField: (...field) => context().loadField(...field),
      }
    },
  }
}

/**
 * Returns the text that identifies the group of callers who may share a response. The documentation of the peers says that this text must
 * be part of the cache key.
 */
export function sessionOf(viewer: Principal | null): string | null {
  return viewer && `${viewer.tenant}:${viewer.userId}:${viewer.role}`
}
