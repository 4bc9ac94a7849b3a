import type { Entity } from '../../cache/entity.ts'
import { GatewayError } from '../../errors.ts'
import type { CacheRule, CacheScope } from '../cache-rules.ts'
import { type DependsItem, parseDependsItem } from '../depends-syntax.ts'
import type { GatewaySchema } from '../schema.ts'
import { tagPatterns } from './tag-patterns.ts'

/** What the triggers of the database said while a mutation ran: the types by the kinds of their tags. */
export interface MutationTrace {
  readonly name: string
  /** Types of whose rows one came, went or changed. */
  readonly rows: ReadonlySet<string>
  /** Types of whose rows one that was there before changed or went. */
  readonly changedRows: ReadonlySet<string>
  /** Types whose lists changed: a row came, went, or changed a listed column. */
  readonly lists: ReadonlySet<string>
}

/** Why a mutation invalidates a value: by what the value names in `depends`, or only because the row of its parent changes. */
export type InvalidationReason = 'depends' | 'parent'

/** A cached type or field. Durations are in seconds. */
export interface MapValue {
  /** `Campaign` for the rows of a type, `Query.campaigns` for a field. */
  readonly coordinate: string
  readonly scope: CacheScope
  readonly l1: number
  readonly l2: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** The items of `depends` as written; none for the rows of a type. */
  readonly depends: readonly string[]
  /** The tags that invalidate it. `<tenant>` and the names after `$` stand for values. */
  readonly tags: readonly string[]
  /** The columns that tell the lists it depends on apart, the most selective first; for rows the column with their id. */
  readonly toldApartBy: readonly string[]
  /** The tables that its load may read. */
  readonly tables: readonly string[]
  /** The columns whose changes invalidate it, by table; `*` for all of them. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly invalidatedBy: Readonly<Record<string, InvalidationReason>>
}

export interface CacheMap {
  readonly mutations: readonly string[]
  /** Those of one main table follow each other. */
  readonly values: readonly MapValue[]
}

/**
 * All that is cached, and what invalidates it.
 * @param traces One for each mutation of the schema, in any order.
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
  { dependencies, coveredTables, entityTypes }: GatewaySchema,
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
  return {
    coordinate,
    scope,
    l1: policy.l1Ms / 1000,
    l2: policy.l2Ms / 1000,
    staleWhileRevalidate: policy.staleWhileRevalidateMs / 1000,
    staleIfError: policy.staleIfErrorMs / 1000,
    depends,
    tags: tagPatterns(items, row, !isRow),
    toldApartBy: isRow
      ? [row?.idColumn ?? 'id']
      : [...new Set((dependencies.get(coordinate)?.dimensions ?? []).map((dimension) => dimension.replace(/.*\./, '')))],
    tables: [...new Set([...items.map(({ entity }) => entity.table), ...(coveredTables.get(coordinate) ?? [])])],
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

/** Whether it is a field: the rows of a table come before what is computed from them. */
function isField({ coordinate }: MapValue): number {
  return coordinate.includes('.') ? 1 : 0
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one - other
}
