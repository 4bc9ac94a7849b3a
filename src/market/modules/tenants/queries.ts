import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import { nameCondition } from '../name-search.ts'
import type { NoMore } from '../no-more.ts'
import type { QueryUsersArgs, UserFilter } from '../schema-types.generated.ts'

/** Filter of a list of users. If the client selects `totalCount`, the users are counted with this filter. */
export interface UserSource {
  readonly filter: UserFilter
}

export type UserConnection = Connection<UserSource>

export const listUsers: FieldLoad<unknown, QueryUsersArgs, UserConnection> = async (parents, args, read) => {
  const filter = args.filter ?? {}
  const page = pageRequest(args, orderOf(args), 'User')
  const [list] = await listByKeyset(read, { table: 'users', of: null, where: conditionsOf(filter, read.tenant), page })
  const connection = connectionPage(page, list?.rows ?? [], { filter })
  return parents.map(() => connection)
}

export const countUsers = countLists<UserSource>({
  table: 'users',
  filterOf: ({ filter }) => filter,
  conditionsOf: ({ filter }, tenant) => conditionsOf(filter, tenant),
})

function conditionsOf({ search, role, ...others }: UserFilter, tenant: string): RawBuilder<unknown>[] {
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (search != null) conditions.push(nameCondition(tenant, search))
  if (role) conditions.push(sql`role = ${role}`)
  return conditions
}

function orderOf({ orderBy }: QueryUsersArgs): KeysetOrder {
  const direction = orderBy?.direction === 'DESC' ? 'desc' : 'asc'
  return orderBy?.field === 'CREATED_AT'
    ? { column: 'created_at', type: 'timestamptz', direction }
    : { column: 'name', type: 'text', direction }
}
