import type { Config } from '../config/config.ts'
import { issueToken } from '../http/issue-token.ts'
import type { DatabaseHandle } from '../postgres/open-database.ts'
import { isOfThisMachine } from './prepare-database.ts'

const TOKEN_SECONDS = 7 * 24 * 3600
const ROLES = ['VIEWER', 'EDITOR', 'ADMIN'] as const

/** Prints, for a developer, where everything is, who they may be, and a first query to paste. */
export async function greet(config: Config, database: DatabaseHandle, url: string, out: { write(text: string): unknown }): Promise<void> {
  const [secret] = config.identity.secrets
  const user = await database.db.selectFrom('users').select(['tenantId', 'id', 'role']).orderBy('tenantId').orderBy('id').execute()
  const tenant = user[0]?.tenantId
  const tokens: [string, string][] = []
  // Whoever reads the output of a program need not be one who may read that database.
  for (const role of isOfThisMachine(config) ? ROLES : []) {
    const found = user.find((candidate) => candidate.tenantId === tenant && candidate.role === role)
    if (!secret || !tenant || !found) continue
    const principal = { tenant, userId: String(found.id), role }
    tokens.push([
      role,
      await issueToken({
        secret,
        issuer: config.identity.issuer,
        audience: config.identity.audience,
        principal,
        expiresInSeconds: TOKEN_SECONDS,
      }),
    ])
  }
  const authorization = tokens[0] ? ` \\\n  -H 'authorization: Bearer ${tokens[0][1]}'` : ''
  out.write(`
  tidegate is ready

  GraphQL   ${url}/graphql
${config.server.landingPage ? `  Explorer  ${url}/\n` : ''}  Health    ${url}/healthz  ${url}/readyz${config.server.metrics ? `  ${url}/metrics` : ''}
  Data      ${database.embedded ? `embedded PostgreSQL` : 'PostgreSQL'}, cache in ${config.redis ? 'process and Redis' : 'process'}

  Development tokens of tenant ${tenant ?? '(none)'} (more: npm run token -- --tenant … --role …)
${tokens.map(([role, token]) => `  ${role.padEnd(7)} ${token}`).join('\n')}

  A first query:

curl -i ${url}/graphql -H 'content-type: application/json'${authorization} \\
  -d '{"query":"{ campaigns(first: 3) { nodes { name status domainCount owner { name } } } }"}'

`)
}
