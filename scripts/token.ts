/** Issues a development token: `npm run token -- --tenant acme --role ADMIN [--user 1] [--hours 12]`. */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readConfig } from '../src/config/config.ts'
import type { Principal } from '../src/http/claims.ts'
import { issueToken } from '../src/http/issue-token.ts'
import { withDevelopmentSecrets } from '../src/start/development-secrets.ts'

const ROLES = ['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR'] as const
/** A service account: it has no row in the database that could be missing or of a lower role. */
const DEFAULT_USER = 'development'
const USAGE = `Usage: npm run token -- --tenant <tenant> --role <${ROLES.join('|')}> [--user <id>] [--hours <number>]
       A user's id is that of a row of users. Anything that is no number is a service account. Default: ${DEFAULT_USER}.
`

/** What the arguments ask for; undefined where they make no sense. */
function readArguments(): { readonly principal: Principal; readonly hours: number } | undefined {
  try {
    const text = (fallback: string) => ({ type: 'string', default: fallback }) as const
    const options = { tenant: { type: 'string' }, role: text('VIEWER'), user: text(DEFAULT_USER), hours: text('12') } as const
    const { tenant, role: named, user, hours } = parseArgs({ options }).values
    const role = ROLES.find((name) => name === named.toUpperCase())
    if (tenant === undefined || role === undefined || !(Number(hours) > 0)) return undefined
    return { principal: { tenant, userId: user, role }, hours: Number(hours) }
  } catch {
    return undefined
  }
}

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const wanted = readArguments()
if (!wanted) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const { identity } = await withDevelopmentSecrets(readConfig(process.env), { memory: false })
const [secret] = identity.secrets
if (secret === undefined) {
  process.stderr.write('Tokens are verified with public keys here (JWKS_FILE or JWKS_URL): get one from whoever holds the private key.\n')
  process.exit(1)
}
const { principal, hours } = wanted
const tokenId = randomUUID()
const { issuer, audience } = identity
const token = await issueToken({ secret, issuer, audience, principal, tokenId, expiresInSeconds: hours * 3600 })
process.stdout.write(`${token}\n`)
process.stderr.write(`To revoke this token: npm run revoke -- --token ${tokenId}\n`)
