import type { Config } from '../config/config.ts'
import type { DatabaseHandle } from '../postgres/open-database.ts'
import { developmentTokens } from './development-tokens.ts'

/** Prints, for a developer, where everything is, who they may be, and a first query to paste. */
export async function greet(config: Config, database: DatabaseHandle, url: string, out: { write(text: string): unknown }): Promise<void> {
  const { tenant, tokens } = await developmentTokens(config, database)
  const authorization = tokens[0] ? ` \\\n  -H 'authorization: Bearer ${tokens[0].token}'` : ''
  out.write(`
  tidegate is ready

  GraphQL   ${url}/graphql
${config.server.landingPage ? `  Explorer  ${url}/\n` : ''}  Health    ${url}/healthz  ${url}/readyz${config.server.metrics ? `  ${url}/metrics` : ''}
  Data      ${database.embedded ? `embedded PostgreSQL` : 'PostgreSQL'}, cache in ${config.redis ? 'process and Redis' : 'process'}

  Development tokens of tenant ${tenant ?? '(none)'} (more: npm run token -- --tenant … --role …)
${tokens.map(({ role, token }) => `  ${role.padEnd(7)} ${token}`).join('\n')}

  A first query:

curl -i ${url}/graphql -H 'content-type: application/json'${authorization} \\
  -d '{"query":"{ campaigns(first: 3) { nodes { name status domainCount owner { name } } } }"}'

`)
}
