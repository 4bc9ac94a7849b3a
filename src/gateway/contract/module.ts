import type { GraphQLResolveInfo } from 'graphql'
import type { Kysely, Transaction } from 'kysely'
import type { Entity } from '../../engine/cache/model/entity.ts'
import type { Principal, Role } from '../identity/principal.ts'
import type { Tables } from './tables.ts'

/** Everything that one folder under modules/ adds to the gateway, except its SDL, which is a file under schema/. */
export interface Module {
  readonly entities: readonly EntityType<{ readonly id: string | number }>[]
  /**
   * Entities of tables that are only read as lists or aggregates (rollups). Their tables have invalidation triggers, but no GraphQL object
   * type.
   */
  readonly watched?: readonly Entity[]
  /** Tables that cached fields may read without naming them in `depends`, because the rows of these tables never change. */
  readonly constantTables?: readonly string[]
  readonly resolvers: Record<string, unknown>
}

/**
 * Everything that a load of a cacheable value may depend on. Each part that identifies the caller is also part of the cache key. `tenant`
 * is the reserved tenant `public` in a field of scope PUBLIC. `role` is set only in scopes ROLE and USER, `userId` only in scope USER.
 */
export interface ReadContext {
  readonly db: Kysely<Tables>
  readonly tenant: string
  readonly role?: Role
  readonly userId?: string
  /** Time at which this load began, by the database's clock, Unix epoch ms. */
  readonly now: number
  /**
   * Aborts when no request waits for the value any more, or when the load exceeds its time limit. The result of the load is then ignored.
   */
  readonly signal?: AbortSignal | undefined
}

/** A value that changes without a write at `until` (Unix epoch ms): it is not cached beyond that time. */
export class Expiring<Value> {
  readonly value: Value
  readonly until: number
  constructor(value: Value, until: number) {
    this.value = value
    this.until = until
  }
}

/**
 * A type whose rows are cached one by one, under keys of the form `tenant:Type:id`. Its cache policy is the `@cache` on the type in the
 * SDL.
 */
export interface EntityType<Row extends { readonly id: string | number }> {
  readonly entity: Entity
  /**
   * Version of the JSON that `loadMany` returns, default 1. Raise the version when this JSON changes, but neither the type in the SDL nor
   * `entity` changes. An example is one more column that `loadMany` returns and a resolver reads. Releases with different versions never
   * read each other's cache entries of these rows.
   */
  readonly version?: number
  /**
   * Tables that `loadMany` reads besides the table of the entity, for rows that never change under their id: the id names the state of these
   * tables, and the load fails if its snapshot has another state. So no change of these tables has to invalidate the rows.
   */
  readonly provenTables?: readonly string[]
  /** Loads rows in one statement, in the order of `ids`; null for an id that no row of this tenant has. */
  readonly loadMany: (read: ReadContext, ids: readonly string[]) => Promise<readonly (Row | Expiring<Row> | null)[]>
}

/** Returns all tables from which values are cached, including those without a GraphQL object type. */
export function entitiesOf(modules: readonly Module[]): readonly Entity[] {
  return modules.flatMap(({ entities, watched = [] }) => [...entities.map(({ entity }) => entity), ...watched])
}

/** Returns the types whose rows hold values of other tables that no tag covers. Shadow mode cannot judge their differences. */
export function provenTypesOf(modules: readonly Module[]): readonly string[] {
  return modules.flatMap(({ entities }) =>
    entities.flatMap(({ entity, provenTables = [] }) => (provenTables.length > 0 ? entity.type : [])),
  )
}

/** Transaction of one tenant, through which every statement of a write goes. */
export interface WriteContext {
  readonly db: Transaction<Tables>
  readonly tenant: string
  readonly viewer: Principal
  /** Time of the write by the database's clock, Unix epoch ms. */
  readonly now: number
}

/** The context of every resolver. */
export interface RequestContext {
  readonly viewer: Principal | null
  /** Returns the caller. @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  requireViewer(): Principal
  /** Returns the caller's tenant. @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  requireTenant(): string
  /** Loads one row by its id, through the cache and the DataLoader of this request; null if the tenant has no row with this id. */
  load<Row extends { readonly id: string | number }>(type: EntityType<Row>, id: string | number): Promise<Row | null>
  /** Loads a field for all parents in the request together. Resolvers do not call this method, but are created with {@link batched}. */
  loadField<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parent: Parent, args: Args, info: GraphQLResolveInfo): Promise<Value>
  /**
   * Runs `work` in one transaction, which is retried on deadlock and serialization failure. Then waits until this process has applied the
   * invalidations of the transaction (the barrier). When the promise resolves, reads of this request see the write, and the response
   * carries the consistency token.
   */
  write<Result>(work: (write: WriteContext) => Promise<Result>): Promise<Result>
  /**
   * Acknowledges a write that is committed outside `write`, for example by a queue that commits many writes together. `commit` resolves
   * when the write is committed. When the returned promise resolves, reads of this request see the write, and the response carries the
   * consistency token.
   */
  acknowledge<Result>(commit: () => Promise<Result>): Promise<Result>
  /** Context for loading values that must never be cached. It has neither `load` nor batched fields. */
  readonly uncached: ReadContext
}

/**
 * Loads one field for many parents together, in the order of `parents`, with one statement per table. The values must stay the same when
 * they are written and parsed as JSON (no Date, no undefined inside). The loader is unaware of caching. The `@cache` of the field in the
 * SDL decides whether and how long the values are cached. A loader needs a higher version if it returns different JSON than in the previous
 * release, but the SDL is unchanged: see {@link versioned}.
 */
export interface FieldLoad<Parent, Args, Value> {
  (parents: readonly Parent[], args: Args, read: ReadContext): Promise<readonly (Value | Expiring<Value> | Error)[]>
  /** Version of the JSON that the loader returns, default 1. */
  readonly version?: number
}

/**
 * Gives a loader a version. Raise the version when the loader returns different JSON although the SDL of the field did not change, or when
 * a resolver reads the same JSON in another way. Releases with different versions share no cache entries of the field.
 */
export function versioned<Parent, Args, Value>(version: number, load: FieldLoad<Parent, Args, Value>): FieldLoad<Parent, Args, Value> {
  const loadVersion: FieldLoad<Parent, Args, Value> = (parents, args, read) => load(parents, args, read)
  return Object.assign(loadVersion, { version })
}

/** Paths to the properties of a value and of its nested objects: `id`, `source.campaignId`, `source.filter.status`. */
export type NamesOf<Value, Depth extends readonly unknown[] = [1, 1, 1]> = Depth extends readonly [unknown, ...infer Rest]
  ? {
      [Name in keyof Value & string]: NonNullable<Value[Name]> extends object
        ? NonNullable<Value[Name]> extends readonly unknown[]
          ? Name
          : Name | `${Name}.${NamesOf<NonNullable<Value[Name]>, Rest>}`
        : Name
    }[keyof Value & string]
  : never

/** Properties of a resolver that loads through the cache. The checks at the start of the process read them. */
export interface BatchedMark {
  readonly batched: true
  /**
   * Properties of the object that the field belongs to (the first argument of the resolver). Undefined if this object is a row, because
   * the declaration of the entity names the properties of the row.
   */
  readonly parentNames: readonly string[] | undefined
  /**
   * Content of the cache entry for one parent. If the value is a row, the content is `id of Type`, because the row has its own cache entry.
   * Otherwise the content is `value`.
   */
  readonly holds: string
  /** Version of the JSON that the loader of the field returns. */
  readonly version: number
}

/**
 * Returns a resolver that loads its field for all parents in a request together, through the cache if the field has `@cache` in the SDL.
 * @param parentNames Properties of the parent object, which is the first argument of the resolver. `depends` may read them as
 * `$parent.name`. The names are needed only if the parent object is not the row of an entity.
 */
export function batched<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parentNames?: readonly NamesOf<Parent>[]) {
  const resolve = (parent: Parent, args: Args, context: RequestContext, info: GraphQLResolveInfo): Promise<Value> =>
    context.loadField(load, parent, args, info)
  return Object.assign(resolve, { batched: true, parentNames, holds: 'value', version: load.version ?? 1 } satisfies BatchedMark)
}

/** Wraps a batched resolver, to change its arguments or its result. */
export function aroundBatched<Resolve extends (...args: never[]) => unknown>(inner: BatchedMark, resolve: Resolve): Resolve & BatchedMark {
  const { batched, parentNames, holds, version } = inner
  return Object.assign(resolve, { batched, parentNames, holds, version })
}

/**
 * Returns a resolver for a batched field whose value is one row. The field loads the row's id, or null if there is no row; the id is cached
 * if the field has `@cache` in the SDL. The row itself comes from its own cache entry.
 */
export function batchedRow<Parent, Args, Row extends { readonly id: string | number }>(
  type: EntityType<Row>,
  load: FieldLoad<Parent, Args, Row['id'] | null>,
) {
  const resolve = async (parent: Parent, args: Args, context: RequestContext, info: GraphQLResolveInfo): Promise<Row | null> => {
    const id = await context.loadField(load, parent, args, info)
    return id === null ? null : context.load(type, id)
  }
  const mark = { batched: true, parentNames: undefined, holds: `id of ${type.entity.type}`, version: load.version ?? 1 } as const
  return Object.assign(resolve, mark satisfies BatchedMark)
}
