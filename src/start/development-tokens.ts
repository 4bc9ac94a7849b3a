import type { Config } from '../config/config.ts'
import { issueToken } from '../http/issue-token.ts'
import type { DatabaseHandle } from '../postgres/open-database.ts'
import { isOfThisMachine } from './prepare-database.ts'

export interface DevelopmentTokens {
  /** The first tenant of the database; undefined where there is none. */
  readonly tenant: string | undefined
  /** A token for each role that the tenant has a user of. */
  readonly tokens: readonly { readonly role: 'VIEWER' | 'EDITOR' | 'ADMIN'; readonly token: string }[]
}

const TOKEN_SECONDS = 7 * 24 * 3600
const ROLES = ['VIEWER', 'EDITOR', 'ADMIN'] as const

/** Tokens for whoever develops on this machine. There are none in production, nor for a database on another machine. */
export async function developmentTokens(config: Config, database: DatabaseHandle): Promise<DevelopmentTokens> {
  const [secret] = config.identity.secrets
  if (config.production) return { tenant: undefined, tokens: [] }
  const users = await database.db.selectFrom('users').select(['tenantId', 'id', 'role']).orderBy('tenantId').orderBy('id').execute()
  const tenant = users[0]?.tenantId
  // Whoever uses this program need not be one who may read that database.
  if (!secret || !tenant || !isOfThisMachine(config)) return { tenant, tokens: [] }
  const { issuer, audience } = config.identity
  const found = ROLES.flatMap((role) => users.find((user) => user.tenantId === tenant && user.role === role) ?? [])
  const tokens = found.map(async ({ id, role }) => {
    const principal = { tenant, userId: String(id), role }
    return { role, token: await issueToken({ secret, issuer, audience, principal, expiresInSeconds: TOKEN_SECONDS }) }
  })
  return { tenant, tokens: await Promise.all(tokens) }
}
