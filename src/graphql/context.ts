import type { GraphQLResolveInfo } from 'graphql'
import type { Cache } from '../cache/cache.ts'
import type { Session } from '../cache/session.ts'
import { GatewayError } from '../errors.ts'
import type { EntityType, FieldLoad, NewEvent, ReadContext, RequestContext, Viewer, WriteContext } from '../modules/module.ts'
import { CacheHints } from './cache-hints.ts'
import { checkReads, type ReadObserver } from './checked-reads.ts'
import { FieldLoaders } from './field-loaders.ts'
import type { ExecutionBudget } from './limits/execution-budget.ts'
import { readScope } from './read-scope.ts'
import type { RequestDirectives } from './request-directives.ts'
import { RowLoaders } from './row-loaders.ts'
import { type ReadSampler, sampleReads } from './sampled-reads.ts'
import type { GatewaySchema } from './schema.ts'
import type { Trace, TracedRead } from './trace.ts'

/** Ports of the database and of what else a request may do to it. */
export interface Sources {
  readonly db: ReadContext['db']
  /** Runs `work` in a transaction, again on deadlock and serialization failure. */
  readonly inTransaction: <Result>(work: (transaction: WriteContext['db']) => Promise<Result>) => Promise<Result>
  /** Whether an error says that the database cannot be reached: the outcome of a COMMIT is unknown then. */
  readonly isUnavailable: (error: unknown) => boolean
  /** In development and tests: loads that read what their `@cache(depends:)` does not name fail. */
  readonly observeReads?: ReadObserver
  /** In production: some of the loads are observed, and what they read undeclared is told. */
  readonly sampleReads?: ReadSampler
  /** Begins to read from one snapshot of the database. */
  readonly openSnapshot: () => Promise<Snapshot>
  /** Resolves once the events are durable. */
  readonly recordEvents: (tenant: string, events: readonly NewEvent[]) => ReturnType<RequestContext['recordEvents']>
}

/** One state of the database, however much is written meanwhile. */
export interface Snapshot {
  readonly db: ReadContext['db']
  /** To be called when nothing more is read. Never rejects. */
  end(): Promise<void>
}

export interface ContextOptions {
  readonly gateway: Pick<GatewaySchema, 'rules' | 'dependencies' | 'coveredTables' | 'entityTypes'>
  readonly cache: Cache
  readonly sources: Sources
  readonly now: () => number
  readonly viewer: Viewer | null
  readonly session: Session
  readonly trace: Trace
  readonly directives: RequestDirectives
  readonly budget: ExecutionBudget
  /** Whether the cache's values whose time ran out will not do. */
  readonly isRefresh?: boolean
}

/** The context of a request, with what only this folder looks at. */
export interface GatewayContext extends RequestContext {
  /** Who asks, for checks whose outcome the key of an answer tells: see authorization.ts. */
  readonly caller: Viewer | null
  readonly cacheHints: CacheHints
  /** Asked by every list before its items are completed: see limits/list-budget.ts. */
  readonly budget: ExecutionBudget
  /** Set while a resolver runs, where the request is debugged: see debugging-schema.ts. */
  readonly position: Position
  /** From now on everything is read from one snapshot, past the cache. */
  beginSnapshot(): Promise<void>
  /** To be called when the request is answered. */
  endSnapshot(): Promise<void>
}

/** Where the resolver that runs now stands in the answer. */
export interface Position {
  path: TracedRead['path']
}

/** The context of one execution. */
export function createContext(options: ContextOptions): GatewayContext {
  const { gateway, cache, sources, now, viewer, session, trace, directives, budget, isRefresh = false } = options
  const position: Position = { path: [] }
  const requireViewer = (): Viewer => {
    if (!viewer) throw new GatewayError('UNAUTHENTICATED')
    return viewer
  }
  let snapshot: Snapshot | undefined
  const scope = {
    get db() {
      return snapshot?.db ?? sources.db
    },
    now,
    requireViewer,
  }
  const isStrict = () => snapshot !== undefined
  const checkedLoad = sources.observeReads
    ? checkReads(sources.observeReads, gateway.coveredTables)
    : sources.sampleReads && sampleReads(sources.sampleReads, gateway.coveredTables)
  const loaderOptions = {
    ...gateway,
    cache,
    session,
    scope,
    trace,
    directives,
    isRefresh,
    isStrict,
    checkedLoad,
    currentPath: () => position.path,
  }
  let rows = new RowLoaders(loaderOptions)
  let fields = new FieldLoaders(loaderOptions)

  /** What was read before the write may be old now. */
  const afterWrite = async <Result>(write: () => Promise<Result>): Promise<Result> => {
    try {
      const result = await write()
      await cache.acknowledge(session)
      return result
    } catch (error) {
      if (sources.isUnavailable(error) || (error instanceof GatewayError && error.code === 'UNAVAILABLE')) cache.demandBarrier(session)
      throw error
    } finally {
      rows = new RowLoaders(loaderOptions)
      fields = new FieldLoaders(loaderOptions)
    }
  }

  const members: GatewayContext = {
    get viewer() {
      trace.looked = 'USER'
      return viewer
    },
    caller: viewer,
    cacheHints: new CacheHints(),
    budget,
    position,
    beginSnapshot: async () => {
      snapshot = await sources.openSnapshot()
    },
    endSnapshot: async () => snapshot?.end(),
    requireViewer: () => {
      trace.looked = 'USER'
      return requireViewer()
    },
    requireTenant: () => {
      if (trace.looked === 'PUBLIC') trace.looked = 'TENANT'
      return requireViewer().tenant
    },
    load: <Row extends { readonly id: string | number }>(type: EntityType<Row>, id: string | number) => rows.load(type, id),
    loadField: <Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parent: Parent, args: Args, info: GraphQLResolveInfo) =>
      fields.load(load, parent, args, info),
    write: (work) => {
      const writer = requireViewer()
      return afterWrite(() => sources.inTransaction((db) => work(Object.freeze({ db, tenant: writer.tenant, viewer: writer, now: now() }))))
    },
    recordEvents: (events) => {
      const { tenant } = requireViewer()
      return afterWrite(() => sources.recordEvents(tenant, events))
    },
    get uncached() {
      trace.observeUncached('context.uncached', 'USER', 'the resolver reads past the cache', () => [position.path])
      return readScope(viewer ? 'USER' : 'PUBLIC', scope).read()
    },
  }
  return members
}
