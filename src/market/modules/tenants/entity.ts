import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { inOrderOf, rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'

export interface TenantRow {
  id: string // slug, primary key
  name: string
  currency: string // ISO 4217
  createdAt: Generated<string>
}

export interface UserRow {
  id: Generated<number>
  tenantId: string
  email: string // unique per tenant
  name: string
  role: 'VIEWER' | 'EDITOR' | 'ADMIN'
  createdAt: Generated<string>
}

/** Row of a revoked access token. The token is rejected, whoever presents it. */
export interface RevokedTokenRow {
  id: string // the claim jti, primary key
  revokedAt: Generated<string>
  expiresAt: string | null // the claim exp; null: not known, and the row stays until it is deleted by hand
}

/**
 * Row of a cutoff for the access tokens of one user or service account: only tokens that were issued after `validAfter` are accepted. The
 * primary key is (tenantId, userId).
 */
export interface TokenCutoffRow {
  tenantId: string
  userId: string // the claim sub
  validAfter: string
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    tenants: TenantRow
    users: UserRow
    revokedTokens: RevokedTokenRow
    tokenCutoffs: TokenCutoffRow
  }
}

export type Tenant = Selectable<TenantRow>
export type User = Selectable<UserRow>
/** The viewer is the caller of a request. The access token names the viewer. */
export type Viewer = Principal

export const tenantEntity = declareEntity({
  type: 'Tenant',
  table: 'tenants',
  tenantColumn: 'id',
  idColumn: 'id',
  dimensions: [],
  listed: [],
})

/** Type of a tenant. A request can load only its own tenant, no other. */
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
  dimensions: ['role'],
  listed: ['role', 'created_at'],
})

/** Declares `users` for the cache a second time, only for lists that are sorted or searched by name or email address. */
export const userNameEntity = declareEntity({
  type: 'UserName',
  table: 'users',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: [],
  listed: ['name', 'email'],
})

/** Columns of a user that are read. The column `search` is only for SQL conditions. */
const USER_COLUMNS = ['id', 'tenantId', 'email', 'name', 'role', 'createdAt'] as const

export const userType: EntityType<User> = {
  entity: userEntity,
  loadMany: (read, ids) => rowsByIds(read, 'users', ids, USER_COLUMNS),
}

export const revokedTokenEntity = declareEntity({
  type: 'RevokedToken',
  table: 'revoked_tokens',
  // A token id is revoked for all tenants, because the operator who revokes it need not know the tenant of the token.
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
