/** Revokes tokens: `npm run revoke -- --token <jti>`, `npm run revoke -- --user <tenant>/<user> [--until <time>]`. */
import { parseArgs } from 'node:util'
import { readConfig } from '../src/config/config.ts'
import { revokeToken, revokeTokensOf } from '../src/modules/tenants/revocations.ts'
import { explainFailure } from '../src/start/failure-line.ts'
import { openConfiguredDatabase } from '../src/start/prepare-database.ts'
import { createLogger } from '../src/telemetry/logger.ts'

const USAGE = `Usage: npm run revoke -- --token <jti>
       npm run revoke -- --user <tenant>/<user> [--until <time, such as 2026-01-31T12:00:00Z; default: now>]
`

interface Wanted {
  readonly tokenId?: string | undefined
  readonly user?: { readonly tenant: string; readonly userId: string } | undefined
  readonly until?: Date | undefined
}

/** What the arguments ask for; undefined where they make no sense. */
function readArguments(): Wanted | undefined {
  try {
    const { values } = parseArgs({ options: { token: { type: 'string' }, user: { type: 'string' }, until: { type: 'string' } } })
    const [, tenant, userId] = /^([^/]+)\/(.+)$/.exec(values.user ?? '') ?? []
    const until = values.until === undefined ? undefined : new Date(values.until)
    const user = tenant === undefined || userId === undefined ? undefined : { tenant, userId }
    if ((values.token === undefined) === (user === undefined)) return undefined
    if (Number.isNaN(until?.getTime()) || (until && !user)) return undefined
    return { tokenId: values.token, user, until }
  } catch {
    return undefined
  }
}

async function revoke({ tokenId, user, until }: Wanted): Promise<string> {
  const database = await openConfiguredDatabase(readConfig(process.env), { memory: false, logger: createLogger('warn') })
  try {
    if (user) {
      const validAfter = await revokeTokensOf(database.db, user.tenant, user.userId, until)
      return `Revoked all tokens of ${user.tenant}/${user.userId} that were issued until ${validAfter}.`
    }
    await revokeToken(database.db, tokenId ?? '')
    return `Revoked the token ${tokenId}.`
  } finally {
    await database.close()
  }
}

const wanted = readArguments()
if (wanted) {
  try {
    process.stdout.write(`${await revoke(wanted)}\n`)
  } catch (error) {
    for (const line of explainFailure(error)) process.stderr.write(`revoke: ${line}\n`)
    process.exitCode = 1
  }
} else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}
