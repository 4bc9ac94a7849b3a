import type { Config } from '../config/config.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { developmentTokens } from './development-tokens.ts'

/** Prints the URLs, the development tokens and a first query that a developer can paste into a terminal. */
export async function greet(config: Config, database: MarketDatabase, url: string, out: { write(text: string): unknown }): Promise<void> {
  const { tenant, tokens } = await developmentTokens(config, database)
  const authorization = tokens[0] ? ` \\\n  -H 'authorization: Bearer ${tokens[0].token}'` : ''
  out.write(`
  tidegate is ready

  GraphQL   ${url}/graphql
${config.server.landingPage ? `  Explorer  ${url}/explorer\n` : ''}${config.management.isPublic ? `  Dashboard ${url}/dashboard\n` : ''}  Health    ${url}/healthz  ${url}/readyz${config.server.metrics ? `  ${url}/metrics` : ''}
  Data      ${database.embedded ? `embedded PostgreSQL` : 'PostgreSQL'}, cache in ${config.redis ? 'process and Redis' : 'process'}

  Development tokens of tenant ${tenant ?? '(none)'} (more: npm run token -- --tenant … --role …)
${tokens.map(({ role, token }) => `  ${role.padEnd(7)} ${token}`).join('\n')}

  A first query:

curl -i ${url}/graphql -H 'content-type: application/json'${authorization} \\
  -d '{"query":"{ campaigns(first: 3) { nodes { name status domainCount owner { name } } } }"}'

`)
}
