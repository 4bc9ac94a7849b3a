import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { batched, type FieldLoad, type Module } from '../../../gateway/contract/module.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { revokedTokenEntity, tenantType, tokenCutoffEntity, userNameEntity, userType } from './entity.ts'
import { loadTenant } from './load-tenant.ts'
import { countUsers, listUsers } from './queries.ts'

/**
 * Returns the caller without reading the database. Values that depend on the user must come from a field of scope USER, so that users
 * never share a cached copy.
 */
const readViewer: FieldLoad<unknown, unknown, Principal> = async (parents, _args, { tenant, userId, role }) => {
  if (userId === undefined || role === undefined) throw new TypeError('Query.viewer must be of scope USER.')
  return parents.map(() => ({ tenant, userId, role }))
}

const resolvers: Resolvers = {
  Query: {
    users: batched(listUsers),
    viewer: batched(readViewer),
  },
  Viewer: {
    user: (viewer, _args, context) => context.load(userType, viewer.userId),
    tenant: (viewer, _args, context) => loadTenant(context, viewer.tenant),
  },
  Tenant: {
    id: (tenant) => toGlobalId('Tenant', tenant.id),
  },
  User: {
    id: (user) => toGlobalId('User', user.id),
  },
  UserConnection: connectionResolvers(userType, countUsers, ['source.filter.search', 'source.filter.role']),
}

export const tenantsModule: Module = {
  entities: [tenantType, userType],
  watched: [userNameEntity, revokedTokenEntity, tokenCutoffEntity],
  resolvers,
}
