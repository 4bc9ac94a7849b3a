import { GatewayError } from '../../errors.ts'
import { toGlobalId } from '../global-id.ts'
import { batched, type FieldLoad, type Module, type RequestContext, type Viewer } from '../module.ts'
import type { Resolvers } from '../schema-types.generated.ts'
import { revokedTokenEntity, tenantType, tokenCutoffEntity, userType } from './entity.ts'

/** Nothing is read: but what depends on the user must come through a field of scope USER, so that no copy is shared. */
const readViewer: FieldLoad<unknown, unknown, Viewer> = async (parents, _args, { tenant, userId, role }) => {
  if (userId === undefined || role === undefined) throw new TypeError('Query.viewer must be of scope USER.')
  return parents.map(() => ({ tenant, userId, role }))
}

const resolvers: Resolvers = {
  Query: {
    viewer: batched(readViewer),
  },
  Viewer: {
    user: (viewer, _args, context) => context.load(userType, viewer.userId),
    tenant: loadTenant,
  },
  Tenant: {
    id: (tenant) => toGlobalId('Tenant', tenant.id),
  },
  User: {
    id: (user) => toGlobalId('User', user.id),
  },
}

async function loadTenant(viewer: Viewer, _args: unknown, context: RequestContext) {
  const tenant = await context.load(tenantType, viewer.tenant)
  if (!tenant)
    throw new GatewayError('NOT_FOUND', `The token names the tenant ${viewer.tenant}, which does not exist: ask for a new token.`)
  return tenant
}

export const tenantsModule: Module = {
  entities: [tenantType, userType],
  watched: [revokedTokenEntity, tokenCutoffEntity],
  resolvers,
}
