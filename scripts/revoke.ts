/** Revokes tokens: `npm run revoke -- --token <jti or token> [--expires <time>]`, `npm run revoke -- --user <tenant>/<user> [--until <time>]`. */
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { revocableToken } from '#src/gateway/identity/revocable-token.ts'
import { revokeToken, revokeTokensOf } from '#src/market/modules/tenants/revocations.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { explainFailure } from '#src/start/failure-line.ts'
import { openConfiguredDatabase } from '#src/start/prepare-database.ts'

const USAGE = `Usage: npm run revoke -- --token <jti, or the token itself> [--expires <time when it ends by itself; the token itself says so>]
       npm run revoke -- --user <tenant>/<user> [--until <time, such as 2026-01-31T12:00:00Z; default: now>]
`

interface Wanted {
  readonly token?: string | undefined
  readonly expires?: Date | undefined
  readonly user?: { readonly tenant: string; readonly userId: string } | undefined
  readonly until?: Date | undefined
}

/** Parses the arguments. Returns undefined if they are invalid. */
function readArguments(): Wanted | undefined {
  try {
    const { values } = parseArgs({
      options: { token: { type: 'string' }, expires: { type: 'string' }, user: { type: 'string' }, until: { type: 'string' } },
    })
    const [, tenant, userId] = /^([^/]+)\/(.+)$/.exec(values.user ?? '') ?? []
    const [until, expires] = [values.until, values.expires].map((time) => (time === undefined ? undefined : new Date(time)))
    const user = tenant === undefined || userId === undefined ? undefined : { tenant, userId }
    if ((values.token === undefined) === (user === undefined)) return undefined
    if ([until, expires].some((time) => Number.isNaN(time?.getTime()))) return undefined
    if (user ? expires : until) return undefined
    return { token: values.token, expires, user, until }
  } catch {
    return undefined
  }
}

async function revoke({ token, expires, user, until }: Wanted): Promise<string> {
  const database = await openConfiguredDatabase(readConfig(process.env), { memory: false, logger: createLogger('warn') })
  try {
    if (user) {
      const validAfter = await revokeTokensOf(database.db, user.tenant, user.userId, until)
      return `Revoked all tokens of ${user.tenant}/${user.userId} that were issued until ${validAfter}.`
    }
    const { tokenId, expiresAt = expires } = revocableToken(token ?? '')
    await revokeToken(database.db, tokenId, expiresAt)
    const kept = expiresAt ? `until it has ended (${expiresAt.toISOString()})` : 'until it is deleted by hand'
    return `Revoked the token ${tokenId}. Its row is kept ${kept}.`
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
