import type { DocumentNode, GraphQLSchema } from 'graphql'
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Cache, MemoryLog, systemEnv } from '../../../src/cache/index.ts'
import { readConfig } from '../../../src/config/config.ts'
import { createContext, type GatewayContext, type Sources } from '../../../src/graphql/context.ts'
import { ExecutionBudget } from '../../../src/graphql/limits/execution-budget.ts'
import { NO_DIRECTIVES } from '../../../src/graphql/request-directives.ts'
import { buildGatewaySchema, readTypeDefs } from '../../../src/graphql/schema.ts'
import { Trace } from '../../../src/graphql/trace.ts'
import { createAuthentication } from '../../../src/http/authentication.ts'
import type { Principal, Standing } from '../../../src/http/claims.ts'
import { localId } from '../../../src/modules/global-id.ts'
import { createModules } from '../../../src/modules/index.ts'
import { pgTypes } from '../../../src/postgres/column-types.ts'
import { isUnavailable } from '../../../src/postgres/failure.ts'
import { openSnapshot } from '../../../src/postgres/snapshot.ts'
import type { Database } from '../../../src/postgres/tables.ts'
import { inTransaction } from '../../../src/postgres/transaction.ts'

/** What the resolvers of a query use. */
export type PeerContext = Pick<GatewayContext, 'viewer' | 'caller' | 'requireViewer' | 'requireTenant' | 'load' | 'loadField'>

/** tidegate's schema, resolvers, loaders and SQL without its HTTP and its cache, for another server to put its own around. */
export interface PeerGateway {
  readonly typeDefs: DocumentNode
  readonly schema: GraphQLSchema
  /** Who sent the request; null for nobody. */
  authenticate(authorization: string | undefined): Promise<Principal | null>
  contextOf(viewer: Principal | null): PeerContext
}

/** Terms that all peers are given. */
export const TTL_SECONDS = 60

const SCHEMA_FOLDER = new URL('../../../schema', import.meta.url).pathname

/** From DATABASE_URL and JWT_SECRET of the environment, with a pool of tidegate's size in which requests wait for as long as it takes. */
export async function openGateway(): Promise<PeerGateway> {
  const { DATABASE_URL: url = '', JWT_SECRET: secret = '' } = process.env
  const pool = new pg.Pool({ connectionString: url, max: 10, types: pgTypes })
  // The database is dropped before the last connection has noticed that it is closed.
  pool.on('error', () => undefined)
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] })
  const cache = new Cache({ log: new MemoryLog(), entities: [], secrets: [secret], enabled: false })
  const typeDefs = await readTypeDefs(SCHEMA_FOLDER)
  const gateway = buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })
  const sources: Sources = {
    db,
    inTransaction: (work) => inTransaction(db, work, { attempts: 5 }),
    isUnavailable,
    openSnapshot: () => openSnapshot(db),
    recordEvents: () => Promise.reject(new Error('The peers only read.')),
  }
  const identity = { secrets: [secret], jwksFile: undefined, jwksUrl: undefined, issuer: 'tidegate', audience: 'tidegate' }
  // The peers look at the token alone: what tidegate asks the database about its holder costs them nothing.
  const standing: Standing = { hasTenant: true, user: 'SERVICE', validAfter: 0, isRevoked: false }
  const standingOf = () => ({ peek: () => standing, read: async () => standing })
  const { authenticate } = await createAuthentication({ ...identity, leewayMs: 0, now: systemEnv.now, standingOf })
  // Their lists do not ask it: the limits of a request are part of the gateway, not of its schema.
  const budget = new ExecutionBudget(readConfig({}).limits, { monotonic: systemEnv.monotonic, nextTurn: () => Promise.resolve() }, false)
  const common = { gateway, cache, sources, now: systemEnv.now, directives: NO_DIRECTIVES, budget }
  return {
    typeDefs,
    schema: gateway.schema,
    authenticate,
    contextOf(principal) {
      let made: GatewayContext | undefined
      // What comes from a peer's cache does not pay for loaders.
      const context = () => {
        made ??= createContext({ ...common, viewer: principal, session: cache.openSession(), trace: new Trace({ debug: false }) })
        return made
      }
      return {
        viewer: principal,
        caller: principal,
        requireViewer: () => context().requireViewer(),
        requireTenant: () => context().requireTenant(),
        load: (type, id) => context().load(type, id),
        loadField: (...field) => context().loadField(...field),
      }
    },
  }
}

/** Those who may be answered alike: what the peers' documentation asks to be made part of a key. */
export function sessionOf(viewer: Principal | null): string | null {
  return viewer && `${viewer.tenant}:${viewer.userId}:${viewer.role}`
}
