/** Issues a development token: `npm run token -- --tenant acme --role ADMIN [--user 1] [--hours 12]`. */

import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { withDevelopmentSecrets } from '#src/start/development-secrets.ts'

const ROLES = ['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR'] as const
/**
 * Subject of the token if `--user` is not given: a service account. A service account needs no row in the database; its role is the role in
 * the token.
 */
const DEFAULT_USER = 'development'
const USAGE = `Usage: npm run token -- --tenant <tenant> --role <${ROLES.join('|')}> [--user <id>] [--hours <number>]
       A user's id is that of a row of users. Anything that is no number is a service account. Default: ${DEFAULT_USER}.
`

const values = readArguments()
const role = ROLES.find((name) => name === values.role.toUpperCase())
const hours = Number(values.hours)
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
if (values.tenant === undefined || role === undefined || !(hours > 0)) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const { identity } = await withDevelopmentSecrets(readConfig(process.env), { memory: false })
const [secret] = identity.secrets
if (secret === undefined) {
  process.stderr.write('Tokens are verified with public keys here (JWKS_FILE or JWKS_URL): get one from whoever holds the private key.\n')
  process.exit(1)
}
const principal: Principal = { tenant: values.tenant, userId: values.user, role }
const tokenId = randomUUID()
const { issuer, audience } = identity
const token = await issueToken({ secret, issuer, audience, principal, tokenId, expiresInSeconds: hours * 3600 })
process.stdout.write(`${token}\n`)
process.stderr.write(`To revoke this token: npm run revoke -- --token ${tokenId}\n`)

function readArguments() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        tenant: { type: 'string' },
        role: { type: 'string', default: 'VIEWER' },
        user: { type: 'string', default: DEFAULT_USER },
        hours: { type: 'string', default: '12' },
      },
    }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}
