import type { Entity } from '../../../../engine/cache/model/entity.ts'
import { GatewayError } from '../../../../errors.ts'
import type { CacheRule, CacheScope } from '../../../policies/cache-rules.ts'
import { type DependsItem, parseDependsItem } from '../../../policies/depends-syntax.ts'
import type { GatewaySchema } from '../schema.ts'
import { tagPatterns } from './tag-patterns.ts'

/** Record of what one mutation invalidated through the triggers of the database. Each set contains names of types. */
export interface MutationTrace {
  readonly name: string
  /** Types of which a row was inserted, deleted or changed. */
  readonly rows: ReadonlySet<string>
  /** Types of which an existing row was changed or deleted. */
  readonly changedRows: ReadonlySet<string>
  /** Types whose lists changed, because a row was inserted or deleted, or a listed column of a row changed. */
  readonly lists: ReadonlySet<string>
}

/**
 * Reason why a mutation invalidates a value. `depends` means that the mutation changes data that the argument `depends` of the field names,
 * or, for a cached type, a row of this type. `parent` means that the mutation changes only the row of the value's parent.
 */
export type InvalidationReason = 'depends' | 'parent'

/** A cached type or field, with its policy and what invalidates its values. Durations are in seconds. */
export interface MapValue {
  /** Name of the type (`Campaign`) if its rows are cached, or coordinate of the field (`Query.campaigns`). */
  readonly coordinate: string
  readonly scope: CacheScope
  readonly l1: number
  readonly l2: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** Items of `depends` as written in the schema; empty for the rows of a type. */
  readonly depends: readonly string[]
  /** Patterns of the tags that invalidate the value. `<tenant>` and names after `$` are placeholders. */
  readonly tags: readonly string[]
  /**
   * Columns of the predicates in `depends`, such as `call_id`. With such a predicate, the value depends only on the lists of rows that
   * have certain values in the column. For the rows of a type, the only column is the id column.
   */
  readonly toldApartBy: readonly string[]
  /** Tables that a load of the value may read. */
  readonly tables: readonly string[]
  /** Columns whose changes invalidate the value, by table; `*` stands for all columns. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly invalidatedBy: Readonly<Record<string, InvalidationReason>>
}

export interface CacheMap {
  readonly mutations: readonly string[]
  /** Cached types and fields, grouped by the main table of each. */
  readonly values: readonly MapValue[]
}

/**
 * Creates the map of all cached types and fields and of what invalidates them.
 * @param traces One trace for each mutation of the schema, in any order.
 * @throws GatewayError CONFIGURATION for a mutation without a trace.
 */
export function createCacheMap(gateway: GatewaySchema, traces: readonly MutationTrace[]): CacheMap {
  const mutations = Object.keys(gateway.schema.getMutationType()?.getFields() ?? {})
  const ordered = mutations.map((mutation) => {
    const trace = traces.find(({ name }) => name === mutation)
    if (!trace) throw new GatewayError('CONFIGURATION', `No run of the mutation ${mutation} is traced: add one to trace-mutations.ts.`)
    return trace
  })
  const values = [...gateway.rules.values()].map((rule) => mapValue(rule, gateway, ordered))
  const tables = [...new Set(values.flatMap((value) => (value.coordinate.includes('.') ? [] : value.tables)))]
  const placeOf = ({ tables: [main] }: MapValue) =>
    main === undefined ? Number.POSITIVE_INFINITY : tables.indexOf(main) + 1 || tables.length + 1
  return { mutations, values: values.toSorted((one, other) => compare(placeOf(one), placeOf(other)) || isField(one) - isField(other)) }
}

function mapValue(
  rule: CacheRule,
  { dependencies, coveredTables, constantTables, entityTypes }: GatewaySchema,
  traces: readonly MutationTrace[],
): MapValue {
  const { coordinate, scope, policy, depends = [] } = rule
  const [type = '', field] = coordinate.split('.')
  const isRow = field === undefined
  const row = entityTypes.get(type)?.entity
  const read = new Map((dependencies.get(coordinate)?.entities ?? []).map((entity) => [entity.type, entity]))
  const items = depends.flatMap((text) => parseDependsItem(text) ?? []).map((item) => ({ item, entity: read.get(item.type) as Entity }))
  const invalidatedBy = traces.flatMap((trace) => {
    const reason = reasonOf(trace, isRow ? { rowsOf: type } : { items: items.map(({ item }) => item), parent: row?.type })
    return reason ? [[trace.name, reason] as const] : []
  })
  const covered = [...(coveredTables.get(coordinate) ?? [])].filter((table) => !constantTables.includes(table))
  return {
    coordinate,
    scope,
    l1: policy.l1Ms / 1000,
    l2: policy.l2Ms / 1000,
    staleWhileRevalidate: policy.staleWhileRevalidateMs / 1000,
    staleIfError: policy.staleIfErrorMs / 1000,
    depends,
    tags: [...tagPatterns(items, row, !isRow), ...rule.tags.map((name) => `${scope === 'PUBLIC' ? 'public' : '<tenant>'}:#${name}`)],
    toldApartBy: isRow
      ? [row?.idColumn ?? 'id']
      : [...new Set((dependencies.get(coordinate)?.dimensions ?? []).map((dimension) => dimension.replace(/.*\./, '')))],
    tables: [...new Set([...items.map(({ entity }) => entity.table), ...covered])],
    columns: columnsOf(items, row),
    invalidatedBy: Object.fromEntries(invalidatedBy),
  }
}

type Cause = { readonly rowsOf: string } | { readonly items: readonly DependsItem[]; readonly parent: string | undefined }

function reasonOf({ rows, changedRows, lists }: MutationTrace, cause: Cause): InvalidationReason | undefined {
  if ('rowsOf' in cause) return rows.has(cause.rowsOf) ? 'depends' : undefined
  if (cause.items.some(({ type, anyChange }) => (anyChange ? rows : lists).has(type))) return 'depends'
  return cause.parent !== undefined && changedRows.has(cause.parent) ? 'parent' : undefined
}

function columnsOf(
  items: readonly { readonly item: DependsItem; readonly entity: Entity }[],
  row: Entity | undefined,
): MapValue['columns'] {
  const columns = new Map<string, Set<string>>()
  for (const { item, entity } of items) {
    const known = columns.get(entity.table) ?? new Set()
    for (const column of item.anyChange ? ['*'] : entity.listed) known.add(column)
    columns.set(entity.table, known)
  }
  if (row) columns.set(row.table, new Set(['*']))
  return Object.fromEntries([...columns].map(([table, names]) => [table, names.has('*') ? ['*'] : [...names]]))
}

/** Returns a sort key: 0 for the rows of a type, 1 for a field, so that rows come before the fields that are computed from them. */
function isField({ coordinate }: MapValue): number {
  return coordinate.includes('.') ? 1 : 0
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one - other
}
