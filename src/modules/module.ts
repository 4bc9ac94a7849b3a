import type { GraphQLResolveInfo } from 'graphql'
import type { Kysely, Transaction } from 'kysely'
import type { Entity } from '../cache/entity.ts'
import type { Database } from '../postgres/tables.ts'

/** What a folder under modules/ gives to the gateway. Its SDL lies beside the others under schema/. */
export interface Module {
  readonly entities: readonly EntityType<{ readonly id: string | number }>[]
  /** Tables that are only read as lists or aggregates (rollups): watched, but no GraphQL object type of their own. */
  readonly watched?: readonly Entity[]
  /** Types that `node(id)` gives, in the module that resolves it. */
  readonly nodeTypes?: readonly string[]
  /** Tables that cached fields may read without naming them in `depends`, because no row of them ever changes. */
  readonly constantTables?: readonly string[]
  readonly resolvers: Record<string, unknown>
}

export type Role = 'VIEWER' | 'EDITOR' | 'ADMIN' | 'OPERATOR'

/** Who asks, as the verified token says. */
export interface Viewer {
  readonly tenant: string
  readonly userId: string
  /** The highest role of a member of the tenant, or OPERATOR, which includes no other role. */
  readonly role: Role
}

/**
 * All that a cacheable read may depend on: nothing here is missing from the cache key. `tenant` is the reserved tenant
 * `public` in a field of scope PUBLIC; `role` is there in scope ROLE and USER only, `userId` in scope USER only.
 */
export interface ReadContext {
  readonly db: Kysely<Database>
  readonly tenant: string
  readonly role?: Role
  readonly userId?: string
  /** The time of this load by the database's clock, Unix epoch ms. */
  readonly now: number
}

/** A value that changes by itself at `until` (Unix epoch ms): it is not cached beyond that moment. */
export class Expiring<Value> {
  readonly value: Value
  readonly until: number
  constructor(value: Value, until: number) {
    this.value = value
    this.until = until
  }
}

/** A type whose rows are cached one by one under `tenant:Type:id`. Its policy is the `@cache` on the type in the SDL. */
export interface EntityType<Row extends { readonly id: string | number }> {
  readonly entity: Entity
  /**
   * Version of the rows' JSON, default 1. Raise it when `loadMany` gives other JSON although neither the type in the SDL nor `entity`
   * changed, such as one more column that a resolver reads: releases with different versions share no entries.
   */
  readonly version?: number
  /** Rows in the order of `ids`, null for those that do not exist for this tenant. One statement. */
  readonly loadMany: (read: ReadContext, ids: readonly string[]) => Promise<readonly (Row | Expiring<Row> | null)[]>
}

/** A transaction that knows its tenant: every statement of a write goes through it. */
export interface WriteContext {
  readonly db: Transaction<Database>
  readonly tenant: string
  readonly viewer: Viewer
  /** By the database's clock, Unix epoch ms. */
  readonly now: number
}

/** The context of every resolver. */
export interface RequestContext {
  readonly viewer: Viewer | null
  /** @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  requireViewer(): Viewer
  /** The tenant of who asks. @throws GatewayError UNAUTHENTICATED for an anonymous caller. */
  requireTenant(): string
  /** One row by id, through the per-request DataLoader and the cache; null when it does not exist for this tenant. */
  load<Row extends { readonly id: string | number }>(type: EntityType<Row>, id: string | number): Promise<Row | null>
  /** Runs a batched field; resolvers use {@link batched} instead. */
  loadField<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parent: Parent, args: Args, info: GraphQLResolveInfo): Promise<Value>
  /**
   * One transaction (retried on deadlock and serialization failure), then the barrier: when the promise resolves, reads
   * of this request see the write, and the answer carries the token.
   */
  write<Result>(work: (write: WriteContext) => Promise<Result>): Promise<Result>
  /** Acknowledges analytics events once they are durable. */
  recordEvents(events: readonly NewEvent[]): Promise<EventReceipt>
  /** Uncached reads outside `load` and batched fields: for what must never be cached. */
  readonly uncached: ReadContext
}

/** What became of the events of one call. Their sum is the number of events given. */
export interface EventReceipt {
  /** Durable now, and not before. */
  readonly accepted: number
  /** Known already: by an earlier call, or twice in this one. */
  readonly duplicates: number
  /** Positions of the events whose campaign the tenant does not have; they are not stored. */
  readonly rejected: readonly number[]
}

export interface NewEvent {
  readonly eventId: string
  readonly campaignId: string
  readonly domainId: string | null
  readonly kind: 'IMPRESSION' | 'CLICK' | 'CALL_STARTED' | 'CALL_QUALIFIED' | 'CONVERSION'
  readonly occurredAt: string
}

/**
 * Loads one field for many parents at once, in the order of `parents`; one statement per table. Values must survive
 * JSON (no Date, no undefined inside). Whether and how long the values are cached is the `@cache` of the field in the
 * SDL: this function neither knows nor cares. A loader that gives other JSON than in the release before, while the SDL stayed the same,
 * needs a higher version: see {@link versioned}.
 */
export interface FieldLoad<Parent, Args, Value> {
  (parents: readonly Parent[], args: Args, read: ReadContext): Promise<readonly (Value | Expiring<Value> | Error)[]>
  /** Version of the values' JSON, default 1. */
  readonly version?: number
}

/**
 * Gives a loader a version. Raise it when the loader gives other JSON although the SDL of the field did not change, or when a resolver
 * reads the same JSON in another way: releases with different versions share no entries of the field.
 */
export function versioned<Parent, Args, Value>(version: number, load: FieldLoad<Parent, Args, Value>): FieldLoad<Parent, Args, Value> {
  const loadVersion: FieldLoad<Parent, Args, Value> = (parents, args, read) => load(parents, args, read)
  return Object.assign(loadVersion, { version })
}

/** Names within a value, and within the objects in it: `id`, `source.campaignId`, `source.filter.status`. */
export type NamesOf<Value, Depth extends readonly unknown[] = [1, 1, 1]> = Depth extends readonly [unknown, ...infer Rest]
  ? {
      [Name in keyof Value & string]: NonNullable<Value[Name]> extends object
        ? NonNullable<Value[Name]> extends readonly unknown[]
          ? Name
          : Name | `${Name}.${NamesOf<NonNullable<Value[Name]>, Rest>}`
        : Name
    }[keyof Value & string]
  : never

/** Marks a resolver that loads through the cache, for the checks at start. */
export interface BatchedMark {
  readonly batched: true
  /** Names that the parent's value has; undefined where the parent is an entity's row, whose names are known. */
  readonly parentNames: readonly string[] | undefined
  /** What is kept for a parent: `value`, or `id of Type` where the row itself comes from its own entry. */
  readonly holds: string
  /** Of the loader. */
  readonly version: number
}

/**
 * A resolver that loads its field for all parents of a request in one go, from the cache where the SDL says so.
 * @param parentNames Names that the parent's value has and that `depends` may read as `$parent.name`; needed only where the parent is
 * not the row of an entity.
 */
export function batched<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parentNames?: readonly NamesOf<Parent>[]) {
  const resolve = (parent: Parent, args: Args, context: RequestContext, info: GraphQLResolveInfo): Promise<Value> =>
    context.loadField(load, parent, args, info)
  return Object.assign(resolve, { batched: true, parentNames, holds: 'value', version: load.version ?? 1 } satisfies BatchedMark)
}

/** A resolver that changes what a batched one is asked or what it gave. */
export function aroundBatched<Resolve extends (...args: never[]) => unknown>(inner: BatchedMark, resolve: Resolve): Resolve & BatchedMark {
  const { batched, parentNames, holds, version } = inner
  return Object.assign(resolve, { batched, parentNames, holds, version })
}

/**
 * A batched field that gives one row: what is loaded, and cached where the SDL says so, is the row's id (null for none). The row
 * comes from its own entry.
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
