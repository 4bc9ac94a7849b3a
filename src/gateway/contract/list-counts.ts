import type { RawBuilder } from 'kysely'
import type { Connection } from './connection.ts'
import { countByParent, type KeysetQuery } from './keyset-list.ts'
import type { FieldLoad } from './module.ts'

/** Describes how `totalCount` is computed for the lists of a table. The source of a list is its parent and filter. */
export interface CountedLists<Source> {
  readonly table: KeysetQuery['table']
  /** Returns the parent whose rows a list holds; null for a list of all rows of the tenant. Default: always null. */
  readonly parentOf?: (source: Source) => { readonly column: string; readonly id: number } | null
  /** Returns the part of the source from which the SQL conditions are built. Lists for which this part is equal are counted together. */
  readonly filterOf: (source: Source) => unknown
  /** Returns the SQL conditions of a list, without those on the tenant and the parent. */
  readonly conditionsOf: (source: Source, tenant: string) => readonly RawBuilder<unknown>[]
}

/** Returns the loader of `totalCount`, which counts all lists with the same conditions in one statement. */
export function countLists<Source>(lists: CountedLists<Source>): FieldLoad<Connection<Source>, unknown, number> {
  const { table, parentOf = () => null, filterOf, conditionsOf } = lists
  const keyOf = ({ source }: Connection<Source>) => JSON.stringify([parentOf(source)?.column, filterOf(source)])
  return (connections, _args, read) =>
    inGroups(connections, keyOf, async (group, { source }) => {
      const parents = group.flatMap((one) => parentOf(one.source) ?? [])
      const [parent] = parents
      const of = parent ? { column: parent.column, ids: parents.map(({ id }) => id) } : null
      const counts = await countByParent(read, table, of, conditionsOf(source, read.tenant))
      return of ? counts : group.map(() => counts[0] ?? 0)
    })
}

/**
 * Groups the items by key, loads the values of each group together, and returns the values in the order of the items.
 * @param load Returns one value for each item of a group, in their order. All items of the group have the same key; `first` is one of them.
 */
export async function inGroups<Item, Value>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  load: (group: readonly Item[], first: Item) => Promise<readonly Value[]>,
): Promise<readonly Value[]> {
  const values = new Map<Item, Value>()
  for (const group of Map.groupBy(items, keyOf).values()) {
    const loaded = await load(group, group[0] as Item)
    if (loaded.length !== group.length) throw new RangeError(`Expected ${group.length} values, got ${loaded.length}.`)
    for (const [index, item] of group.entries()) values.set(item, loaded[index] as Value)
  }
  return items.map((item) => values.get(item) as Value)
}
