import type { GraphQLResolveInfo } from 'graphql'
import type { Cache } from '../../../engine/cache/cache.ts'
import type { Session } from '../../../engine/cache/model/session.ts'
import { GatewayError } from '../../../errors.ts'
import type { EntityType, FieldLoad, ReadContext, RequestContext } from '../../contract/module.ts'
import type { Principal } from '../../identity/principal.ts'
import type { PopularityCounts } from '../../policies/popularity.ts'
import type { WritePath, Written } from '../../writes/write-path.ts'
import type { Trace, TracedRead } from '../answers/trace.ts'
import type { CallerContext } from '../schema/authorization.ts'
import { CacheHints, type HintsContext } from '../schema/cache-hints.ts'
import type { CauseContext } from '../schema/mutation-causes.ts'
import type { GatewaySchema } from '../schema/schema.ts'
import { checkReads, type ReadObserver } from './checked-reads.ts'
import { FieldLoaders } from './field-loaders.ts'
import type { ExecutionBudget } from './limits/execution-budget.ts'
import { readScope } from './read-scope.ts'
import type { RequestDirectives } from './request-directives.ts'
import { RowLoaders } from './row-loaders.ts'
import { type ReadSampler, sampleReads } from './sampled-reads.ts'

/** Access to the database for the resolvers: reads, writes and snapshots. The two optional members observe which tables a load reads. */
export interface Sources {
  readonly db: ReadContext['db']
  readonly writes: WritePath
  /** Returns whether an error says that the database cannot be reached. */
  readonly isUnavailable: (error: unknown) => boolean
  /** Observes all loads, in development and tests. A load fails if it reads a table that is not declared as a dependency. */
  readonly observeReads?: ReadObserver
  /** Observes some loads, in production. Reports each table that such a load reads although it is not declared as a dependency. */
  readonly sampleReads?: ReadSampler
  /** Opens a snapshot of the database: all reads through it see the same state. */
  readonly openSnapshot: () => Promise<Snapshot>
}

/** One consistent state of the database. Reads through it do not see later writes. */
export interface Snapshot {
  readonly db: ReadContext['db']
  /** Ends the snapshot. Must be called after the last read. Never rejects. */
  end(): Promise<void>
}

export interface ContextOptions {
  readonly gateway: Pick<GatewaySchema, 'rules' | 'dependencies' | 'coveredTables' | 'entityTypes'>
  readonly cache: Pick<Cache, 'getMany' | 'loadPast'>
  readonly sources: Sources
  readonly now: () => number
  readonly viewer: Principal | null
  readonly session: Session
  readonly trace: Trace
  readonly directives: RequestDirectives
  readonly budget: ExecutionBudget
  /** Whether this execution refreshes a response in the background. If so, expired values are reloaded instead of served stale. */
  readonly isRefresh?: boolean
  /** Aborts when no request waits for the loaded values any more. Default: no load is aborted. */
  readonly signal?: AbortSignal | undefined
  readonly popularity: PopularityCounts
}

/** The context of a request, with members that only the gateway uses. */
export interface GatewayContext extends RequestContext, CallerContext, HintsContext, CauseContext {
  /**
   * Budget of the execution. Fields that return objects charge their work to this budget before the objects are completed: see
   * limits/field-budget.ts.
   */
  readonly budget: ExecutionBudget
  /** Path of the resolver that is running. It is set only if the client requests debugging: see debugging-schema.ts. */
  readonly position: Position
  /** Opens a snapshot of the database. All later reads of the request bypass the cache and use this snapshot. */
  beginSnapshot(): Promise<void>
  /** Ends the snapshot, if there is one. Must be called when the request is answered. */
  endSnapshot(): Promise<void>
}

/** Path, in the response, of the resolver that is running. */
export interface Position {
  path: TracedRead['path']
  /** Index of the item that a resolver of a list loads next; undefined if the running resolver is not one of a list. */
  nextIndex: number | undefined
}

/** Creates the context of one execution. */
export function createContext(options: ContextOptions): GatewayContext {
  const { gateway, cache, sources, now, viewer, session, trace, directives, budget, isRefresh = false, signal, popularity } = options
  const position: Position = { path: [], nextIndex: undefined }
  const requireViewer = (): Principal => {
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
    budget,
    signal,
    popularity,
    currentPath: () => (position.nextIndex === undefined ? position.path : [...position.path, position.nextIndex++]),
  }
  let rows = new RowLoaders(loaderOptions)
  let fields = new FieldLoaders(loaderOptions)

  /**
   * Waits for a write, and then discards the loaders of this request. They hold values that were read before the write and may be stale
   * now.
   */
  const discardReadsAfter = async <Result>(written: Promise<Written<Result>>): Promise<Result> => {
    try {
      return (await written).result
    } finally {
      rows = new RowLoaders(loaderOptions)
      fields = new FieldLoaders(loaderOptions)
    }
  }

  const members: GatewayContext = {
    get viewer() {
      trace.identityRead = 'USER'
      return viewer
    },
    caller: viewer,
    cause: undefined,
    cacheHints: new CacheHints(),
    budget,
    position,
    beginSnapshot: async () => {
      snapshot = await sources.openSnapshot()
    },
    endSnapshot: async () => snapshot?.end(),
    requireViewer: () => {
      trace.identityRead = 'USER'
      return requireViewer()
    },
    requireTenant: () => {
      if (trace.identityRead === 'PUBLIC') trace.identityRead = 'TENANT'
      return requireViewer().tenant
    },
    load: <Row extends { readonly id: string | number }>(type: EntityType<Row>, id: string | number) => rows.load(type, id),
    loadField: <Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parent: Parent, args: Args, info: GraphQLResolveInfo) =>
      fields.load(load, parent, args, info),
    write: (work) => discardReadsAfter(sources.writes.write(requireViewer(), work, session, members.cause)),
    acknowledge: (commit) => discardReadsAfter(sources.writes.acknowledge(commit, session)),
    get uncached() {
      trace.observeUncached('context.uncached', 'USER', 'the resolver reads past the cache', () => [position.path])
      return readScope(viewer ? 'USER' : 'PUBLIC', scope).read(signal)
    },
  }
  return members
}
