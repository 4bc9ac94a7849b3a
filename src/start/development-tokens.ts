import type { Config } from '../config/config.ts'
import { issueToken } from '../gateway/identity/issue-token.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { isOfThisMachine } from './prepare-database.ts'

export interface DevelopmentTokens {
  /** Id of the first tenant in the database; undefined if there is none. */
  readonly tenant: string | undefined
  /** One access token for each role that some user of this tenant has. */
  readonly tokens: readonly { readonly role: 'VIEWER' | 'EDITOR' | 'ADMIN'; readonly token: string }[]
}

const TOKEN_SECONDS = 7 * 24 * 3600
const ROLES = ['VIEWER', 'EDITOR', 'ADMIN'] as const

/** Issues access tokens for development on this machine. Issues none in production, nor for a database on another machine. */
export async function developmentTokens(config: Config, database: MarketDatabase): Promise<DevelopmentTokens> {
  const [secret] = config.identity.secrets
  if (config.production) return { tenant: undefined, tokens: [] }
  const users = await database.db.selectFrom('users').select(['tenantId', 'id', 'role']).orderBy('tenantId').orderBy('id').execute()
  const tenant = users[0]?.tenantId
  // Starting this program must not be enough to get access to the data of a database on another machine.
  if (!secret || !tenant || !isOfThisMachine(config)) return { tenant, tokens: [] }
  const { issuer, audience } = config.identity
  const found = ROLES.flatMap((role) => users.find((user) => user.tenantId === tenant && user.role === role) ?? [])
  const tokens = found.map(async ({ id, role }) => {
    const principal = { tenant, userId: String(id), role }
    return { role, token: await issueToken({ secret, issuer, audience, principal, expiresInSeconds: TOKEN_SECONDS }) }
  })
  return { tenant, tokens: await Promise.all(tokens) }
}
