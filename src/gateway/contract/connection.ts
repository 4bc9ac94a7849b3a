import { canonicalJson, type Json } from '../../engine/cache/model/key.ts'
import { GatewayError } from '../../errors.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { KeysetOrder, KeysetPage, KeysetPosition } from './keyset-list.ts'
import { batched, type EntityType, type FieldLoad, type NamesOf, type RequestContext } from './module.ts'

export interface ConnectionArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/**
 * A page of a list as it is cached: the ids and cursors of its rows, never the rows themselves. `source` is the list's parent and filter.
 * `totalCount` is computed from `source`, but only if the query selects `totalCount`. Lists with the same source share one `totalCount`,
 * whatever their page and order.
 */
export interface Connection<Source = Json> {
  readonly identity: string
  readonly source: Source
  readonly ids: readonly number[]
  readonly cursors: readonly string[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

export interface PageRequest extends KeysetPage {
  readonly list: string
}

const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100

/**
 * Returns the page that the arguments select: the first rows between the positions `after` and `before`, or the last ones with `last`.
 * @param list Type of the listed rows. A cursor of a list of another type is refused.
 * @throws GatewayError BAD_USER_INPUT if both `first` and `last` are given or one of them is out of bounds, or if `after` or `before` is no
 * cursor of this list and order.
 */
export function pageRequest(args: ConnectionArgs, order: KeysetOrder, list: string): PageRequest {
  const { first, after, last, before } = args
  if (first != null && last != null) {
    throw new GatewayError('BAD_USER_INPUT', `Expected \`first\` or \`last\`, got both (${first} and ${last}): leave one of them out.`)
  }
  const [name, next, size] = last == null ? ['first', 'after', first ?? PAGE_SIZE] : ['last', 'before', last]
  if (!Number.isInteger(size) || size < 0 || size > MAX_PAGE_SIZE) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `Expected \`${name}\` from 0 to ${MAX_PAGE_SIZE}, got ${size}: ask for the rest by \`${next}\`.`,
    )
  }
  return {
    list,
    order,
    size,
    fromEnd: last != null,
    after: after == null ? null : decodeCursor({ list, order }, after, 'after'),
    before: before == null ? null : decodeCursor({ list, order }, before, 'before'),
  }
}

/**
 * Builds a page of a list.
 * @param rows Rows as `listByKeyset` returned them for this page: in the order in which they were read, and one row more than the page
 * if there are more.
 */
export function connectionPage<Source extends object>(
  page: PageRequest,
  rows: readonly KeysetPosition[],
  source: Source,
): Connection<Source> {
  const { fromEnd, size, after, before } = page
  const read = rows.slice(0, size)
  const shown = fromEnd ? read.toReversed() : read
  const hasMore = rows.length > size
  return {
    // The cache accepts only JSON. A source consists of ids and filter inputs, so it stays the same when it is written and parsed as JSON.
    identity: canonicalJson(JSON.parse(JSON.stringify(source)) as Json),
    source,
    ids: shown.map(({ id }) => id),
    cursors: shown.map((row) => encodeCursor(page, row)),
    hasNextPage: fromEnd ? before !== null : hasMore,
    hasPreviousPage: fromEnd ? hasMore : after !== null,
  }
}

/**
 * Returns the resolvers of a connection type. Each row comes from its own cache entry. Rows that are not cached are loaded together,
 * several hundred in one statement. A row that was deleted after the list was read is left out.
 * @param names Properties of the list that the `@cache(depends:)` of `totalCount` may read. For example, the property `source.campaignId`
 * is read as `$parent.source.campaignId`.
 */
export function connectionResolvers<Row extends { readonly id: string | number }, Source>(
  type: EntityType<Row>,
  count: FieldLoad<Connection<Source>, unknown, number>,
  names: readonly NamesOf<Connection<Source>>[],
) {
  const edges = async ({ ids, cursors }: Connection<Source>, _args: unknown, context: RequestContext) => {
    const nodes = await Promise.all(ids.map((id) => context.load(type, id)))
    return nodes.flatMap((node, index) => (node === null ? [] : [{ node, cursor: cursors[index] ?? '' }]))
  }
  return {
    edges,
    nodes: async (connection: Connection<Source>, args: unknown, context: RequestContext) =>
      (await edges(connection, args, context)).map(({ node }) => node),
    pageInfo: ({ cursors, hasNextPage, hasPreviousPage }: Connection<Source>) => ({
      hasNextPage,
      hasPreviousPage,
      startCursor: cursors.at(0) ?? null,
      endCursor: cursors.at(-1) ?? null,
    }),
    totalCount: batched(count, names),
  }
}
