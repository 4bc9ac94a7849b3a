import type { Selectable } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import type { TenantRow, UserRow } from '../../postgres/tables.ts'
import type { EntityType } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

export type Tenant = Selectable<TenantRow>
export type User = Selectable<UserRow>

export const tenantEntity = declareEntity({
  type: 'Tenant',
  table: 'tenants',
  tenantColumn: 'id',
  idColumn: 'id',
  dimensions: [],
  listed: [],
})

/** A tenant sees itself and no other. */
export const tenantType: EntityType<Tenant> = {
  entity: tenantEntity,
  async loadMany(read, ids) {
    const rows = await read.db.selectFrom('tenants').selectAll().where('id', '=', read.tenant).execute()
    return inOrderOf(ids, rows)
  },
}

export const userEntity = declareEntity({
  type: 'User',
  table: 'users',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: [],
  listed: [],
})

export const userType: EntityType<User> = {
  entity: userEntity,
  async loadMany(read, ids) {
    const rows = await read.db.selectFrom('users').selectAll().where('tenantId', '=', read.tenant).where('id', '=', anyOf(ids)).execute()
    return inOrderOf(ids, rows)
  },
}

export const revokedTokenEntity = declareEntity({
  type: 'RevokedToken',
  table: 'revoked_tokens',
  // An id is revoked for every tenant: it is the token's own, and whoever revokes it need not know whose it is.
  tenantColumn: null,
  idColumn: 'id',
  dimensions: [],
  listed: [],
})

export const tokenCutoffEntity = declareEntity({
  type: 'TokenCutoff',
  table: 'token_cutoffs',
  tenantColumn: 'tenant_id',
  idColumn: 'user_id',
  dimensions: [],
  listed: [],
})
