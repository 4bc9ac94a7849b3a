import type { Principal, Role } from '#src/gateway/identity/principal.ts'
import { BASE_PATH } from '#src/operations/admin/openapi.ts'
import { tokenFor } from '../e2e/gateway.ts'
import type { TestDatabase } from '../servers/database.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its endpoint
export type Json = any

export interface Answer {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
  /** Code of the first error; undefined for an answer without errors. */
  readonly code: string | undefined
  /** Item of the request that was wrong. */
  readonly item: string | undefined
}

export const operator: Principal = { tenant: 'operations', userId: 'ops', role: 'OPERATOR' }

/** A tenant with one user of each role. */
export interface Members {
  readonly tenant: string
  readonly admin: Principal
  member(role: Exclude<Role, 'OPERATOR'>): Principal
}

/** Returns the first two tenants of the sample data. Their service accounts have the role in their token. */
export async function twoTenants(database: TestDatabase): Promise<readonly [Members, Members]> {
  const rows = await database.query('select id from tenants order by id limit 2')
  await database.query("insert into tenants (id, name, currency) values ('operations', 'Operations', 'USD') on conflict do nothing")
  const [one, other] = rows.map(({ id }): Members => {
    const tenant = String(id)
    const member = (role: Role): Principal => ({ tenant, userId: `${role.toLowerCase()}@service`, role })
    return { tenant, admin: member('ADMIN'), member }
  })
  if (!one || !other) throw new Error('Expected two tenants in the sample data.')
  return [one, other]
}

/** Calls the management API as a caller; null calls without a token. */
export async function call(url: string, method: string, path: string, caller: Principal | null, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${BASE_PATH}${path}`, {
    method,
    headers: {
      ...(caller ? { authorization: `Bearer ${await tokenFor(caller)}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const parsed = text === '' ? undefined : JSON.parse(text)
  const error = parsed?.errors?.[0]?.extensions
  return { status: response.status, body: parsed, headers: response.headers, code: error?.code, item: error?.path }
}
