import { canonicalJson, type Json } from '../cache/key.ts'
import { GatewayError } from '../errors.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { KeysetOrder, KeysetPosition } from './keyset-list.ts'
import { batched, type EntityType, type FieldLoad, type NamesOf, type RequestContext } from './module.ts'

export interface ConnectionArgs {
  readonly first: number
  readonly after?: string | null | undefined
}

/**
 * A page of a list, as it is cached: ids and cursors, never rows. `source` is what the list was taken from (parent and filter), so
 * that it can be counted when somebody asks; lists of one source share their count, whatever their page and order.
 */
export interface Connection<Source = Json> {
  readonly identity: string
  readonly source: Source
  readonly ids: readonly number[]
  readonly cursors: readonly string[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

export interface PageRequest {
  readonly list: string
  readonly order: KeysetOrder
  readonly first: number
  readonly after: KeysetPosition | null
}

const LARGEST_PAGE = 100

/**
 * Which page is asked for.
 * @param list The type of the rows: cursors of another type are refused.
 * @throws GatewayError BAD_USER_INPUT for a `first` out of its bounds, or an `after` that is no cursor of this list and order.
 */
export function pageRequest(args: ConnectionArgs, order: KeysetOrder, list: string): PageRequest {
  const { first, after } = args
  if (!Number.isInteger(first) || first < 0 || first > LARGEST_PAGE) {
    throw new GatewayError('BAD_USER_INPUT', `Expected \`first\` from 0 to ${LARGEST_PAGE}, got ${first}: ask for the rest by \`after\`.`)
  }
  return { list, order, first, after: after === null || after === undefined ? null : decodeCursor({ list, order }, after) }
}

/** @param rows The rows behind `page.after`, up to one more than the page holds. */
export function connectionPage<Source extends object>(
  page: PageRequest,
  rows: readonly KeysetPosition[],
  source: Source,
): Connection<Source> {
  const shown = rows.slice(0, page.first)
  return {
    // A source holds ids and filter inputs: JSON by construction, as the cache requires of the whole page.
    identity: canonicalJson(JSON.parse(JSON.stringify(source)) as Json),
    source,
    ids: shown.map(({ id }) => id),
    cursors: shown.map((row) => encodeCursor(page, row)),
    hasNextPage: rows.length > page.first,
    hasPreviousPage: page.after !== null,
  }
}

/**
 * The resolvers of a connection type. The rows are loaded one by one from their own cache entries, all of a request in one
 * statement; a row that vanished since the list was read is left out.
 * @param names What the `depends` of `totalCount` may read of the list as `$parent.name`.
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
