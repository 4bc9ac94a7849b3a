import type { Config } from '../config/config.ts'
import { issueToken } from '../gateway/identity/issue-token.ts'
import type { Role } from '../gateway/identity/principal.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { isOfThisMachine } from './prepare-database.ts'

export interface DevelopmentTokens {
  /** Id of the first tenant in the database; undefined if there is none. */
  readonly tenant: string | undefined
  /** One access token for each role that some user of this tenant has. */
  readonly tokens: readonly { readonly role: 'VIEWER' | 'EDITOR' | 'ADMIN'; readonly token: string }[]
  /** Access token of an OPERATOR, for the dashboard; undefined if none was issued. */
  readonly operator: string | undefined
}

const TOKEN_SECONDS = 7 * 24 * 3600
/** Subject of the operator's token: a service account, which needs no row of users. */
const OPERATOR_ID = 'development'
const ROLES = ['VIEWER', 'EDITOR', 'ADMIN'] as const

/** Issues access tokens for development on this machine. Issues none in production, nor for a database on another machine. */
export async function developmentTokens(config: Config, database: MarketDatabase): Promise<DevelopmentTokens> {
  const [secret] = config.identity.secrets
  if (config.production) return { tenant: undefined, tokens: [], operator: undefined }
  const users = await database.db.selectFrom('users').select(['tenantId', 'id', 'role']).orderBy('tenantId').orderBy('id').execute()
  const tenant = users[0]?.tenantId
  // Starting this program must not be enough to get access to the data of a database on another machine.
  if (!secret || !tenant || !isOfThisMachine(config)) return { tenant, tokens: [], operator: undefined }
  const { issuer, audience } = config.identity
  const found = ROLES.flatMap((role) => users.find((user) => user.tenantId === tenant && user.role === role) ?? [])
  const issue = (userId: string, role: Role) =>
    issueToken({ secret, issuer, audience, principal: { tenant, userId, role }, expiresInSeconds: TOKEN_SECONDS })
  const tokens = found.map(async ({ id, role }) => ({ role, token: await issue(String(id), role) }))
  return { tenant, tokens: await Promise.all(tokens), operator: await issue(OPERATOR_ID, 'OPERATOR') }
}
